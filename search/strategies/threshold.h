// Stops trials that are not good enough by a fixed measure.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// A trial stops at the first step from `min_steps` (1) on at which its value so far is worse than `worse_than` (required; as the metric is
/// measured: a lower bound for one that is maximised). A value that is no number is worse. Decides at every step but the last.
std::unique_ptr<Strategy> make_threshold(StrategyContext context);

}  // namespace vernier::search
