// The cells of every parameter's axis: {"name", "edges", "values", "cell": one per trial}. The page pairs any two of them.
#include "reports/plots/plot.h"

namespace vernier::reports {

Json heat_map_plot(const PlotInput& input) {
  Json axes = Json::array();
  for (const auto& range : input.ranges) {
    if (range.type == "constant") continue;
    const Bins cells = bins(input.data, range);
    Json values = Json::array();
    for (const auto& value : cells.values) values.push_back(to_json(value));
    axes.push_back(
        {{"name", range.name}, {"edges", cells.edges}, {"values", values}, {"cell", cells.cell}});
  }
  return axes;
}

}  // namespace vernier::reports
