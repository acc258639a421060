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
  int largest = 0;  // s_max, without rounding
  for (double steps = context.max_steps; steps / rungs.eta >= rungs.min_steps; steps /= rungs.eta)
    ++largest;
  std::vector<int> steps;
  std::vector<Bracket> cycle;
  for (int s = largest; s >= 0; --s) {
    const double power = std::pow(rungs.eta, s);
    const int step = static_cast<int>(std::lround(context.max_steps / power));
    steps.push_back(step);
    cycle.push_back({static_cast<int>(std::ceil((largest + 1.0) / (s + 1) * power - 1e-9)),
                     static_cast<std::size_t>(largest - s)});
  }
  return std::make_unique<Brackets>(std::move(context), steps, rungs.eta, std::move(cycle));
}

std::unique_ptr<Strategy> make_hyperband(StrategyContext context) {
  return make_hyperband_named("hyperband", std::move(context));
}

}  // namespace vernier::search
