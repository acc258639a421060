// When and where each trial ran: {"lanes": [device], "stretches": {"lane", "row", "from", "to": lists}, "devices": [{"name", "busy", "occupancy"}],
// "active", "mean_running"}; seconds since the study was created, to the hundredth.
#include "reports/analysis/timeline.h"

#include <cmath>

#include "reports/plots/plot.h"

namespace vernier::reports {

Json timeline_plot(const PlotInput& input) {
  const Timeline all = timeline(input.data, input.now);
  const auto hundredth = [](double x) { return std::round(100 * x) / 100; };
  Json lanes = Json::array(), devices = Json::array();
  std::vector<std::size_t> lane, row;
  std::vector<double> from, to;
  for (std::size_t i = 0; i < all.lanes.size(); ++i) {
    lanes.push_back(all.lanes[i].device);
    for (const Stretch& stretch : all.lanes[i].stretches) {
      lane.push_back(i);
      row.push_back(stretch.trial);
      from.push_back(hundredth(stretch.from));
      to.push_back(hundredth(stretch.to));
    }
  }
  for (const auto& use : all.devices)
    devices.push_back({{"name", use.device}, {"busy", use.busy}, {"occupancy", use.occupancy}});
  return {{"lanes", lanes},
          {"stretches", {{"lane", lane}, {"row", row}, {"from", from}, {"to", to}}},
          {"devices", devices},
          {"active", all.active},
          {"mean_running", all.mean_running}};
}

}  // namespace vernier::reports
