// Stops trials that fall behind.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// The percentile stopping rule: once `startup` (5) trials have completed, a trial stops after a step past `min_steps` (1) at which its
/// best value so far is worse than the best `percentile` (25) percent of the completed trials' values at that step, linearly
/// interpolated (one that completed earlier counts with its last). Decides at every step but the last.
std::unique_ptr<Strategy> make_percentile(StrategyContext context);

/// The same with a fixed percentage, in (0, 100), under the name `strategy` and without that option.
std::unique_ptr<Strategy> make_percentile_rule(const std::string& strategy, double percent,
                                               StrategyContext context);

}  // namespace vernier::search
