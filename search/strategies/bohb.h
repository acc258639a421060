// Hyperband whose configurations come from a model.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// BOHB (Falkner et al., "BOHB: Robust and Efficient Hyperparameter Optimization at Scale", ICML 2018): Hyperband's brackets, and a density
/// estimate over the results so far in place of random draws: the sampler tpe, which is this strategy's default; `sampler: gp` in its
/// place is the option. Options as hyperband.
std::unique_ptr<Strategy> make_bohb(StrategyContext context);

}  // namespace vernier::search
