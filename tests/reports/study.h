// Small studies built by hand, for cases whose numbers can be checked on paper.
#pragma once
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports::test {

inline StudyData study(bool maximize = true) {
  StudyData data;
  data.study.name = "s";
  data.objective = "m";
  data.maximize = maximize;
  data.study.objectives = {{"m", maximize}};
  data.metrics = {"m"};
  return data;
}

/// Appends a trial with one curve of the objective.
inline store::TrialRecord& add(StudyData& data, store::State state, std::optional<double> value,
                               std::vector<double> curve = {}) {
  store::TrialRecord trial;
  trial.number = static_cast<int>(data.trials.size()) + 1;
  trial.state = state;
  trial.value = value;
  trial.steps = static_cast<int>(curve.size());
  Curve measured;
  for (int step = 1; step <= trial.steps; ++step) measured.steps.push_back(step);
  measured.metrics.resize(data.metrics.size(), std::vector<double>(curve.size(), NAN));
  measured.metrics[0] = std::move(curve);
  data.curves.push_back(std::move(measured));
  data.trials.push_back(std::move(trial));
  return data.trials.back();
}

inline store::TrialRecord& add(StudyData& data, double value) {
  return add(data, store::State::completed, value);
}

}  // namespace vernier::reports::test
