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

Difference welch(const MeanInterval& first, const MeanInterval& other) {
  const auto error = [](const MeanInterval& mean) {
    return mean.half_width / student_t_quantile(0.975, mean.n - 1);
  };
  const double va = error(first) * error(first), vb = error(other) * error(other);
  const double gap = other.mean - first.mean;
  if (va + vb <= 0) return {gap, 0};
  const double freedom =
      (va + vb) * (va + vb) / (va * va / (first.n - 1) + vb * vb / (other.n - 1));
  return {gap, student_t_quantile(0.975, freedom) * std::sqrt(va + vb)};
}

namespace {

/// A trial's own value and those of its repeats.
std::vector<double> over_seeds_of(const StudyData& data, const store::TrialRecord& trial) {
  std::vector<double> values{*trial.value};
  for (const auto& repeat : data.repeats)
    if (repeat.parent == trial.number && is_ranked(repeat)) values.push_back(*repeat.value);
  return values;
}

}  // namespace

Certainty certainty(const StudyData& data) {
  Certainty result;
  const auto order = ranking(data);
  if (order.empty()) return result;
  const auto& best = data.trials[order.front()];

  const std::vector<double> seeds = over_seeds_of(data, best);
  result.repeats = mean_interval(seeds);

  if (seeds.size() >= 3 && variance(seeds) > 0) {
    result.noise = std::sqrt(variance(seeds));
    result.noise_of_seeds = true;
  } else if (const auto k = data.metric(data.objective)) {
    result.noise = fluctuation(data.curves[order.front()].metrics[*k]);
  }
  if (result.noise) result.reach = 2 * std::sqrt(2.0) * *result.noise;
  for (std::size_t i = 1; i < order.size(); ++i) {
    const auto& other = data.trials[order[i]];
    RunnerUp runner;
    runner.trial = order[i];
    runner.behind = data.minimised(*other.value) - data.minimised(*best.value);
    runner.repeats = mean_interval(over_seeds_of(data, other));
    runner.within_noise = result.reach && runner.behind <= *result.reach;
    if (result.repeats && runner.repeats) {
      const Difference gap = welch(*result.repeats, *runner.repeats);
      runner.within_noise = data.minimised(gap.mean) <= gap.half_width;
    }
    if (runner.within_noise) ++result.within_noise;
    if (result.runners_up.size() < 5) result.runners_up.push_back(runner);
  }
  if (result.noise && order.size() > 1) {
    std::vector<double> costs;
    for (const std::size_t i : order) costs.push_back(data.minimised(*data.trials[i].value));
    result.optimism = selection_optimism(costs, *result.noise);
  }
  return result;
}

}  // namespace vernier::reports
