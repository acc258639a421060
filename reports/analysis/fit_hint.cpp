#include "reports/analysis/fit_hint.h"

#include <cmath>

namespace vernier::reports {

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
  hint.still_falling = best == last;
  return hint;
}

}  // namespace vernier::reports
