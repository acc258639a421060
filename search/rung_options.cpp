#include "search/rung_options.h"

#include "core/error.h"

namespace vernier::search {

RungOptions read_rung_options(const std::string& strategy, Options& options,
                              const StrategyContext& context) {
  RungOptions out;
  out.min_steps = options.integer("min_steps", 1, 1, 1000000000);
  out.eta = options.integer("eta", 3, 2, 1000);
  if (out.min_steps >= context.max_steps)
    fail<UsageError>(
        "[strategy {}] min_steps {} of {} steps; expected a first rung before the last step "
        "(max_steps)",
        strategy, out.min_steps, context.max_steps);
  return out;
}

}  // namespace vernier::search
