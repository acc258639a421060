#include "experiments/scheduler/past.h"

#include <algorithm>

#include "experiments/scheduler/objective.h"
#include "experiments/study/require.h"

namespace vernier::experiments {
namespace {

search::Outcome outcome_of(store::State state) {
  switch (state) {
    case store::State::completed:
      return search::Outcome::completed;
    case store::State::stopped:
      return search::Outcome::stopped;
    case store::State::failed:
      return search::Outcome::failed;
    case store::State::diverged:
      return search::Outcome::diverged;
    case store::State::infeasible:
      return search::Outcome::infeasible;
    default:
      return search::Outcome::pending;
  }
}

}  // namespace

Past read_past(const store::Store& store, store::StudyId study, const Spec& spec) {
  Past past;
  const bool maximize = spec.metrics.front().maximize;
  const int amended = spec.amended_after();
  const Requirements limits(spec, Requirements::Of::all);
  const auto facts = limits.size() > 0 ? store.facts(study) : std::map<int, store::NamedValues>();
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
  std::map<int, std::vector<search::Report>> reports;
  for (const store::RungRow& rung : store.rungs(study))
    reports[rung.number].push_back({rung.step, rung.value});
  for (store::TrialRecord& record : store.trials(study)) {
    past.last_number = std::max(past.last_number, record.number);
    if (record.kind != "search") continue;
    search::PastTrial trial;
    trial.number = static_cast<int>(past.trials.size()) + 1;
    trial.config = record.config;
    trial.enqueued = record.enqueued;
    if (record.parent) trial.clone_of = past.numbering.id(*record.parent);
    trial.outcome = outcome_of(record.state);
    trial.paused = record.state == store::State::paused;
    // One that ran is like one just started: no value until it is told.
    if (record.value && (trial.paused || store::is_finished(record.state)))
      trial.value = flipped(*record.value, maximize);
    for (std::size_t k = 0; k < record.objectives.size() && k < spec.metrics.size(); ++k)
      trial.values.push_back(flipped(record.objectives[k], spec.metrics[k].maximize));
    trial.steps = record.steps;
    if (record.steps > 0) trial.seconds = record.seconds / record.steps;
    if (limits.size() > 0 && store::is_finished(record.state)) trial.margins = margins(record);
    trial.reports = std::move(reports[record.number]);
    std::sort(trial.reports.begin(), trial.reports.end(),
              [](const auto& a, const auto& b) { return a.step < b.step; });
    // What a sampler fitted in a narrower space means nothing in this one; a clone's is the step at which it began.
    if (record.parent || record.number > amended) trial.fit = record.fit;
    past.numbering.add(trial.number, record.number);
    past.trials.push_back(std::move(trial));
    past.records.push_back(std::move(record));
  }
  return past;
}

}  // namespace vernier::experiments
