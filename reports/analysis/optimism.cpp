#include "reports/analysis/optimism.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/stats.h"

namespace vernier::reports {

double selection_optimism(std::span<const double> minimised, double noise) {
  if (minimised.size() < 2 || !(noise > 0) || !std::isfinite(noise)) return 0;
  std::vector<double> sorted(minimised.begin(), minimised.end());
  std::sort(sorted.begin(), sorted.end());
  // In units of the noise behind the best. Beyond 9 of them a trial wins with a probability under 1e-9.
  std::vector<double> behind;
  for (const double v : sorted) {
    const double d = (v - sorted.front()) / noise;
    if (!(d <= 9) || behind.size() >= 400) break;
    behind.push_back(d);
  }
  // The winner's distribution is P(min_j (behind_j - z_j) > -t) = prod Phi; integrated on one grid for all trials.
  constexpr double kFrom = -8, kTo = 9, kStep = 0.05;
  double luck = 0;
  for (double t = kFrom; t <= kTo; t += kStep) {
    // The winner has behind_i - z_i = -t, that is z_i = t + behind_i.
    double log_all = 0;
    for (const double d : behind) log_all += std::log(std::max(normal_cdf(t + d), 1e-300));
    for (const double d : behind) {
      const double z = t + d;
      const double others = std::exp(log_all - std::log(std::max(normal_cdf(z), 1e-300)));
      luck += z * normal_pdf(z) * others * kStep;
    }
  }
  return noise * std::max(0.0, luck);
}

}  // namespace vernier::reports
