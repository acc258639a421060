#include "store/exports/facts.h"

#include <algorithm>

namespace vernier::store {

std::vector<Series> series_of(const std::vector<StepRow>& curve) {
  std::vector<Series> all;
  const auto add = [&](int step, const NamedValues& values, bool timing) {
    for (const auto& [metric, value] : values) {
      // Named anew: Clang 14 captures no structured binding.
      auto found = std::find_if(all.begin(), all.end(), [&, &name = metric](const Series& s) {
        return s.metric == name && s.timing == timing;
      });
      if (found == all.end()) found = all.insert(all.end(), Series{metric, timing, {}, {}});
      found->steps.push_back(step);
      found->values.push_back(value);
    }
  };
  for (const StepRow& row : curve) {
    add(row.step, row.results, false);
    add(row.step, row.timings, true);
  }
  return all;
}

NamedValues at_best_step(const std::vector<StepRow>& curve, const TrialRecord& trial) {
  NamedValues values;
  for (const Series& series : series_of(curve)) {
    double value = series.values.back();
    for (std::size_t i = 0; i < series.steps.size(); ++i)
      if (trial.best_step && series.steps[i] == *trial.best_step) value = series.values[i];
    values.emplace_back(series.metric, value);
  }
  return values;
}

}  // namespace vernier::store
