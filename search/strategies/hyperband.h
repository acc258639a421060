// Hyperband: successive halving in brackets that hedge between many short trainings and few long ones.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// Hyperband (Li et al., JMLR 18(185), 2018, algorithm 1). With R = max_steps and s_max = floor(log_eta(R / min_steps)), bracket s = s_max, ..., 0
/// has ceil((s_max + 1) / (s + 1) eta^s) trials that start with R eta^-s steps; of n that come to a rung the best floor(n / eta) go on, with
/// eta times the steps, exactly from where they paused. After bracket 0 comes s_max again. Rungs are rounded to whole steps. See brackets.h for
/// parallel lanes and the end of a study, and Rungs::view for what the sampler sees.
/// Options: min_steps (1), eta (3), max_steps (StrategyContext::max_steps).
std::unique_ptr<Strategy> make_hyperband(StrategyContext context);

/// The same under the name `strategy`, for its messages.
std::unique_ptr<Strategy> make_hyperband_named(const std::string& strategy,
                                               StrategyContext context);

}  // namespace vernier::search
