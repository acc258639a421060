// The options that asha, successive_halving, hyperband and bohb have in common.
#pragma once
#include "search/options.h"
#include "search/strategy.h"

namespace vernier::search {

struct RungOptions {
  int min_steps = 1, eta = 3;
};

/// min_steps (1), eta (3). Throws UsageError where the first rung is not before the context's last step.
RungOptions read_rung_options(const std::string& strategy, Options& options,
                              const StrategyContext& context);

}  // namespace vernier::search
