// Where the best tenth of the trials lies, parameter by parameter, the narrowest share of its range first.
#include <algorithm>

#include "reports/plots/plot.h"

namespace vernier::reports {

Json parallel_plot(const PlotInput& input) {
  auto regions = best_regions(input.data, input.ranges);
  std::stable_sort(regions.begin(), regions.end(),
                   [](const auto& a, const auto& b) { return a.covered < b.covered; });
  Json rows = Json::array();
  for (const auto& region : regions) {
    Json choices = Json::array();
    for (const auto& choice : region.choices) choices.push_back(to_json(choice));
    rows.push_back({{"name", region.name},
                    {"trials", region.trials},
                    {"low", region.low},
                    {"high", region.high},
                    {"choices", choices},
                    {"covered", region.covered}});
  }
  return rows;
}

}  // namespace vernier::reports
