#include "reports/analysis/certainty.h"

#include <algorithm>
#include <cmath>

#include "core/stats.h"
#include "reports/analysis/optimism.h"
#include "reports/analysis/ranking.h"

namespace vernier::reports {

std::optional<double> fluctuation(std::span<const double> curve) {
  constexpr std::size_t kLeast = 6;
  std::vector<double> finite;
  std::copy_if(curve.begin(), curve.end(), std::back_inserter(finite),
               [](double x) { return std::isfinite(x); });
  if (finite.size() < kLeast) return std::nullopt;
  const std::size_t n = std::max(kLeast, finite.size() / 3);
  std::vector<double> differences;
  for (std::size_t i = finite.size() - n + 1; i < finite.size(); ++i) {
    differences.push_back(finite[i] - finite[i - 1]);
  }
  return std::sqrt(variance(differences) / 2);
}

std::optional<MeanInterval> mean_interval(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  const double t = student_t_quantile(0.975, n - 1);
  return MeanInterval{static_cast<int>(values.size()), mean(values),
                      t * std::sqrt(variance(values) / n)};
}

Certainty certainty(const StudyData& data) {
  Certainty result;
  const auto order = ranking(data);
  if (order.empty()) return result;
  const auto& best = data.trials[order.front()];

  std::vector<double> seeds{*best.value};
  for (const auto& repeat : data.repeats) {
    if (repeat.parent == best.number && is_ranked(repeat)) seeds.push_back(*repeat.value);
  }
  result.repeats = mean_interval(seeds);

  if (seeds.size() >= 3 && variance(seeds) > 0) {
    result.noise = std::sqrt(variance(seeds));
    result.noise_of_seeds = true;
  } else if (const auto k = data.metric(data.objective)) {
    result.noise = fluctuation(data.curves[order.front()].metrics[*k]);
  }
  if (result.noise) result.reach = 2 * std::sqrt(2.0) * *result.noise;
  for (std::size_t i = 1; i < order.size(); ++i) {
    const double behind =
        data.minimised(*data.trials[order[i]].value) - data.minimised(*best.value);
    const bool within = result.reach && behind <= *result.reach;
    if (within) ++result.within_noise;
    if (result.runners_up.size() < 5) result.runners_up.push_back({order[i], behind, within});
  }
  if (result.noise && order.size() > 1) {
    std::vector<double> costs;
    for (const std::size_t i : order) costs.push_back(data.minimised(*data.trials[i].value));
    result.optimism = selection_optimism(costs, *result.noise);
  }
  return result;
}

}  // namespace vernier::reports
