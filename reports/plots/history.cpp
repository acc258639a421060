// Best so far against trials, steps and wall time: {"trial": {"x": [...], "best": [...], "number": [...], "end": 60}, ...}.
#include "reports/analysis/best_so_far.h"
#include "reports/plots/plot.h"

namespace vernier::reports {

Json history_plot(const PlotInput& input) {
  const auto json = [](const Staircase& stairs) {
    return Json{
        {"x", stairs.x}, {"best", stairs.best}, {"number", stairs.number}, {"end", stairs.end}};
  };
  const BestSoFar best = best_so_far(input.data);
  return {
      {"trial", json(best.by_trial)}, {"steps", json(best.by_steps)}, {"wall", json(best.by_wall)}};
}

}  // namespace vernier::reports
