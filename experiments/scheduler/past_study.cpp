// The past of a study file: as read_past() has it, with what `require` says of each trial.
#include "experiments/scheduler/past.h"
#include "experiments/study/require.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

Past read_past(const store::Store& store, store::StudyId study, const Spec& spec) {
  std::vector<bool> maximize;
  for (const MetricSpec& metric : spec.metrics) maximize.push_back(metric.maximize);
  Past past = read_past(store, study, maximize, spec.amended_after());
  const Requirements limits(spec, Requirements::Of::all);
  if (limits.size() == 0) return past;
  const auto facts = store.facts(study);
  const auto margins = [&](const store::TrialRecord& record) {
    const auto known = facts.find(record.number);
    store::NamedValues values = known == facts.end() ? store::NamedValues() : known->second;
    const bool at_best = spec.metrics.front().reduce == "best";
    const int step = at_best ? record.best_step.value_or(record.steps) : record.steps;
    if (record.value)
      for (const store::StepRow& row : store.curve(study, record.number))
        if (row.step == step) values.insert(values.end(), row.results.begin(), row.results.end());
    return limits.margins(values);
  };
  for (std::size_t i = 0; i < past.records.size(); ++i)
    if (store::is_finished(past.records[i].state))
      past.trials[i].margins = margins(past.records[i]);
  return past;
}

}  // namespace vernier::experiments
