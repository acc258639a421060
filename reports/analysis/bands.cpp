#include "reports/analysis/bands.h"

#include <cmath>
#include <map>

#include "core/stats.h"

namespace vernier::reports {

Bands quantile_bands(const StudyData& data, const std::string& metric, int least) {
  Bands bands;
  const auto k = data.metric(metric);
  if (!k) return bands;
  std::map<int, std::vector<double>> at;
  for (const auto& curve : data.curves) {
    for (std::size_t i = 0; i < curve.steps.size(); ++i) {
      const double value = curve.metrics[*k][i];
      if (std::isfinite(value)) at[curve.steps[i]].push_back(value);
    }
  }
  for (const auto& [step, values] : at) {
    const int n = static_cast<int>(values.size());
    if (n < least) continue;
    bands.steps.push_back(step);
    bands.count.push_back(n);
    bands.q10.push_back(quantile(values, 0.10));
    bands.q25.push_back(quantile(values, 0.25));
    bands.q50.push_back(quantile(values, 0.50));
    bands.q75.push_back(quantile(values, 0.75));
    bands.q90.push_back(quantile(values, 0.90));
  }
  return bands;
}

}  // namespace vernier::reports
