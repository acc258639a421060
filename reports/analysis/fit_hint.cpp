#include "reports/analysis/fit_hint.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "core/stats.h"
#include "reports/analysis/certainty.h"

namespace vernier::reports {

std::string to_text(Fit fit) {
  switch (fit) {
    case Fit::overfits:
      return "overfits";
    case Fit::too_short:
      return "too_short";
    case Fit::capacity:
      return "capacity";
    default:
      return "gap";
  }
}

std::optional<FitHint> fit_hint(const StudyData& data, std::size_t trial) {
  const auto validation = data.metric("val_loss");
  const auto training = data.metric("train_loss");
  if (!validation || !training) return std::nullopt;
  const Curve& curve = data.curves[trial];
  std::vector<std::size_t> at;
  for (std::size_t i = 0; i < curve.steps.size(); ++i) {
    if (std::isfinite(curve.metrics[*validation][i]) &&
        std::isfinite(curve.metrics[*training][i])) {
      at.push_back(i);
    }
  }
  if (at.size() < 3) return std::nullopt;
  const auto& val = curve.metrics[*validation];
  const auto& train = curve.metrics[*training];
  std::size_t best = at.front();
  for (const std::size_t i : at) {
    if (val[i] < val[best]) best = i;
  }
  const std::size_t last = at.back();
  FitHint hint;
  hint.number = data.trials[trial].number;
  hint.best_step = curve.steps[best];
  hint.last_step = curve.steps[last];
  hint.best = val[best];
  hint.last = val[last];
  hint.gap = val[last] - train[last];
  hint.overfits = val[last] > val[best] + 0.02 * std::abs(val[best]) && train[last] < train[best];
  // The mean of the last fifth against the fifth before it: one lucky last step is no trend.
  const std::size_t fifth = std::max<std::size_t>(1, at.size() / 5);
  std::vector<double> values;
  for (const std::size_t i : at) values.push_back(val[i]);
  const std::span<const double> all(values);
  const double end = mean(all.last(fifth));
  const double before = mean(all.last(2 * fifth).first(fifth));
  hint.still_falling = best == last && end < before - fluctuation(values).value_or(0);
  const bool small = hint.gap <= kSmallGap * std::abs(hint.last);
  hint.fit = hint.overfits        ? Fit::overfits
             : hint.still_falling ? Fit::too_short
             : small              ? Fit::capacity
                                  : Fit::gap;
  return hint;
}

}  // namespace vernier::reports
