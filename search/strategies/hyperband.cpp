#include "search/strategies/hyperband.h"

#include <cmath>

#include "search/brackets.h"
#include "search/rung_options.h"

namespace vernier::search {

std::unique_ptr<Strategy> make_hyperband_named(const std::string& strategy,
                                               StrategyContext context) {
  Options options("strategy " + strategy, context.options);
  const RungOptions rungs = read_rung_options(strategy, options, context);
  options.finish();
  // s_max: rungs are whole steps, so a bracket belongs to it whose first one is at least min_steps when rounded.
  const auto first_step = [&](int s) {
    return static_cast<int>(std::lround(context.max_steps / std::pow(rungs.eta, s)));
  };
  int largest = 0;
  while (first_step(largest + 1) >= rungs.min_steps &&
         first_step(largest + 1) < first_step(largest))
    ++largest;
  std::vector<int> steps;
  std::vector<Bracket> cycle;
  for (int s = largest; s >= 0; --s) {
    const double power = std::pow(rungs.eta, s);
    steps.push_back(first_step(s));
    cycle.push_back({static_cast<int>(std::ceil((largest + 1.0) / (s + 1) * power - 1e-9)),
                     static_cast<std::size_t>(largest - s)});
  }
  return std::make_unique<Brackets>(std::move(context), steps, rungs.eta, std::move(cycle));
}

std::unique_ptr<Strategy> make_hyperband(StrategyContext context) {
  return make_hyperband_named("hyperband", std::move(context));
}

}  // namespace vernier::search
