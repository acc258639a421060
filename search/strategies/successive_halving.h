// Synchronous successive halving.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// Successive halving (Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", AISTATS 2016): groups
/// of `configurations` trials (default: so many that one of them comes to a full training, eta^(rungs - 1)) meet at min_steps * eta^k steps;
/// of n that come to a rung the best floor(n / eta) go on from where they paused, the others are stopped. See brackets.h.
/// Options: min_steps (1), eta (3), max_steps (StrategyContext::max_steps), configurations.
std::unique_ptr<Strategy> make_successive_halving(StrategyContext context);

}  // namespace vernier::search
