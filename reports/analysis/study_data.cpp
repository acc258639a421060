#include "reports/analysis/study_data.h"

#include <algorithm>
#include <limits>

#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

std::size_t index_of(std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  const auto index = static_cast<std::size_t>(std::distance(names.begin(), found));
  if (found == names.end()) names.push_back(name);
  return index;
}

}  // namespace

std::optional<std::size_t> StudyData::metric(const std::string& name) const {
  const auto found = std::find(metrics.begin(), metrics.end(), name);
  if (found == metrics.end()) return std::nullopt;
  return static_cast<std::size_t>(found - metrics.begin());
}

Curve arrange(const std::vector<store::StepRow>& rows, std::vector<std::string>& metrics) {
  Curve curve;
  curve.steps.reserve(rows.size());
  double elapsed = 0;
  bool timed = true;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    curve.steps.push_back(rows[i].step);
    for (const auto& [name, value] : rows[i].results) {
      const std::size_t k = index_of(metrics, name);
      if (curve.metrics.size() <= k) curve.metrics.resize(k + 1);
      curve.metrics[k].resize(rows.size(), kMissing);
      curve.metrics[k][i] = value;
    }
    const auto& timings = rows[i].timings;
    const auto seconds = std::find_if(timings.begin(), timings.end(),
                                      [](const auto& item) { return item.first == "seconds"; });
    if (seconds == timings.end() || !(seconds->second >= 0)) timed = false;
    if (timed) curve.seconds.push_back(elapsed += seconds->second);
  }
  if (!timed) curve.seconds.clear();
  if (!rows.empty()) curve.timings = rows.back().timings;
  return curve;
}

namespace {

/// Curves of finished trials of an earlier reading, by number; their metrics in `before`'s order.
std::map<int, const Curve*> sealed(const StudyData* before, const StudyData& now) {
  std::map<int, const Curve*> curves;
  if (!before || before->study.id != now.study.id || before->study.created != now.study.created)
    return curves;
  for (std::size_t i = 0; i < before->trials.size(); ++i) {
    if (store::is_finished(before->trials[i].state))
      curves[before->trials[i].number] = &before->curves[i];
  }
  return curves;
}

}  // namespace

StudyData load_study(const store::Store& store, const std::string& name, const StudyData* before) {
  StudyData data;
  data.study = store.study(name);
  if (!data.study.objectives.empty()) {
    data.objective = data.study.objectives.front().first;
    data.maximize = data.study.objectives.front().second;
  }
  for (auto& trial : store.trials(data.study.id)) {
    (trial.kind == "search" ? data.trials : data.repeats).push_back(std::move(trial));
  }
  if (!data.objective.empty()) data.metrics.push_back(data.objective);
  const auto known = sealed(before, data);
  if (!known.empty()) data.metrics = before->metrics;
  data.curves.reserve(data.trials.size());
  for (const auto& trial : data.trials) {
    const auto found = known.find(trial.number);
    data.curves.push_back(found != known.end()
                              ? *found->second
                              : arrange(store.curve(data.study.id, trial.number), data.metrics));
  }
  for (auto& curve : data.curves) {
    curve.metrics.resize(data.metrics.size());
    for (auto& values : curve.metrics) values.resize(curve.steps.size(), kMissing);
  }
  data.events = store.events(data.study.id);
  if (data.study.objectives.size() > 1) data.objectives = store.objectives(data.study.id);
  data.facts = store.facts(data.study.id);
  return data;
}

void add_best_artifacts(const store::Store& store, StudyData& data) {
  const auto order = ranking(data);
  if (order.empty()) return;
  const int number = data.trials[order.front()].number;
  if (auto list = store.artifacts(data.study.id, number); !list.empty())
    data.artifacts[number] = std::move(list);
}

}  // namespace vernier::reports
