#include "experiments/scheduler/past.h"

#include <algorithm>

#include "experiments/scheduler/flipped.h"

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

Past read_past(const store::Store& store, store::StudyId study, const std::vector<bool>& maximize,
               int amended) {
  Past past;
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
      trial.value = flipped(*record.value, maximize.front());
    for (std::size_t k = 0; k < record.objectives.size() && k < maximize.size(); ++k)
      trial.values.push_back(flipped(record.objectives[k], maximize[k]));
    trial.steps = record.steps;
    if (record.steps > 0) trial.seconds = record.seconds / record.steps;
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
