#include "search/strategies/successive_halving.h"

#include <algorithm>

#include "search/brackets.h"
#include "search/rung_options.h"

namespace vernier::search {

std::unique_ptr<Strategy> make_successive_halving(StrategyContext context) {
  Options options("strategy successive_halving", context.options);
  const RungOptions rungs = read_rung_options("successive_halving", options, context);
  const std::vector<int> steps = Rungs::geometric(rungs.min_steps, rungs.eta, context.max_steps);
  double group = 1;
  for (std::size_t k = 1; k < steps.size(); ++k) group *= rungs.eta;
  const int trials =
      options.integer("configurations", static_cast<int>(std::min(group, 1e6)), 1, 1000000);
  options.finish();
  return std::make_unique<Brackets>(std::move(context), steps, rungs.eta,
                                    std::vector<Bracket>{{trials, 0}});
}

}  // namespace vernier::search
