// Signed shares, largest first: [{"name": "train.lr", "share": 0.62, "sign": -1}, ...].
#include "reports/analysis/importance.h"

#include "reports/plots/plot.h"

namespace vernier::reports {

Json importance_plot(const PlotInput& input) {
  Json rows = Json::array();
  for (const auto& row : param_importance(input.data)) {
    rows.push_back({{"name", row.name}, {"share", row.share}, {"sign", row.sign}});
  }
  return rows;
}

}  // namespace vernier::reports
