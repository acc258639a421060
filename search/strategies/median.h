// Stops trials that fall behind.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// The median stopping rule (Golovin et al., "Google Vizier", KDD 2017, section 3.2) on best values: once `startup` (5) trials have
/// completed, a trial stops after a step past `min_steps` (1) at which its best value so far is worse than the median of the
/// completed trials' values at that step (one that completed earlier counts with its last). Decides at every step but the last.
std::unique_ptr<Strategy> make_median(StrategyContext context);

}  // namespace vernier::search
