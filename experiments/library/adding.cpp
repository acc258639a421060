// Trials that no sampler proposed: settings to be tried first, and results from elsewhere.
#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "core/error.h"
#include "experiments/library/info.h"
#include "experiments/library/search.h"
#include "experiments/library/space_impl.h"
#include "experiments/scheduler/flipped.h"

namespace vernier::detail {
namespace {

const search::Parameter* find(const std::vector<search::Parameter>& parameters,
                              const std::string& name) {
  const auto at = std::find_if(parameters.begin(), parameters.end(),
                               [&](const auto& parameter) { return parameter.name == name; });
  return at == parameters.end() ? nullptr : &*at;
}

Value within(const char* what, const search::Parameter& parameter, const Value& value) {
  const search::Axis axis(parameter);
  if (const auto inside = axis.canonical(value)) return *inside;
  fail<UsageError>("[{}] '{}' is {}; expected {}", what, parameter.name, vernier::to_text(value),
                   axis.describe());
}

void need_finite(const char* what, const Params& params) {
  for (const auto& [name, value] : params)
    if (std::holds_alternative<std::monostate>(value) ||
        (std::holds_alternative<double>(value) && !std::isfinite(std::get<double>(value))))
      fail<UsageError>("[{}] '{}' is {}; expected a finite value", what, name,
                       vernier::to_text(value));
}

}  // namespace

/// A configuration of the space that was given: what is left out gets its independent value.
Config Search::of_given_space(const char* what, const Params& params) const {
  const search::Space space(settings_.parameters, settings_.constraints);
  for (const auto& [name, value] : params) {
    const search::Parameter* const known = find(settings_.parameters, name);
    if (!known) fail<UsageError>("[{}] unknown parameter '{}'", what, name);
    (void)within(what, *known, value);
  }
  Config config = experiments::completed(space, config_of(params), settings_.seed,
                                         static_cast<int>(past_.trials.size()) + 1);
  space.check(config);
  if (!space.satisfies(config))
    fail<UsageError>("[{}] the configuration breaks a constraint of the space", what);
  return config;
}

/// In the database by now.
void Search::remember(int number, search::PastTrial trial) {
  past_.numbering.add(trial.number, number);
  past_.last_number = number;
  past_.trials.push_back(std::move(trial));
  strategy_.reset();
}

void Search::enqueue(const Params& params) {
  const auto lock = shared_->lock();
  need_finite("enqueue", params);
  store::NewTrial row;
  row.number = past_.last_number + 1;
  row.config = settings_.by_run ? config_of(params) : of_given_space("enqueue", params);
  row.enqueued = true;
  row.seed = settings_.seed;
  commit([&] { store().add_trial(study_, row); });
  search::PastTrial trial;
  trial.number = static_cast<int>(past_.trials.size()) + 1;
  trial.config = row.config;
  trial.enqueued = true;
  remember(row.number, std::move(trial));
  enqueued_.push_back(row.number);
}

/// What trials show by asking, told beforehand.
Config Search::of_found_space(const Params& params, const Space& ranges) {
  experiments::GrowingSpace grown = growing_;
  bool wider = false;
  Config config;
  for (const auto& [name, value] : params) {
    const search::Parameter* const given = find(ranges.impl().parameters, name);
    const search::Parameter* const known = given ? given : find(grown.parameters(), name);
    if (!known)
      fail<UsageError>("[add] no trial has asked for '{}' so far; expected its range", name);
    config.set(name, within("add", *known, value));
    if (given) wider = grown.merge(*given) || wider;
  }
  if (wider) {
    growing_ = std::move(grown);
    space_changed_ = true;
  }
  return config;
}

int Search::add(const Params& params, const std::vector<double>& values, const Space& ranges,
                State state) {
  const auto lock = shared_->lock();
  need_finite("add", params);
  const auto& objectives = settings_.objectives;
  const bool completed = state == State::completed;
  const bool finite =
      std::all_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
  if (!completed && state != State::failed && state != State::infeasible)
    fail<UsageError>("[add] a trial that is {}; expected completed, failed or infeasible",
                     to_text(state));
  if (values.size() != (completed ? objectives.size() : 0) || !finite)
    fail<UsageError>("[add] a {} trial with {} values; expected {}, all finite", to_text(state),
                     values.size(), completed ? objectives.size() : 0);
  store::NewTrial row;
  row.number = past_.last_number + 1;
  row.config = settings_.by_run ? of_found_space(params, ranges) : of_given_space("add", params);
  row.enqueued = true;
  row.seed = settings_.seed;
  search::PastTrial trial;
  trial.number = static_cast<int>(past_.trials.size()) + 1;
  trial.config = row.config;
  trial.enqueued = true;
  trial.outcome = completed                    ? search::Outcome::completed
                  : state == State::infeasible ? search::Outcome::infeasible
                                               : search::Outcome::failed;
  store::TrialEnd end;
  end.state = static_cast<store::State>(state);
  std::vector<store::Series> curves;
  for (std::size_t k = 0; k < values.size(); ++k) {
    curves.push_back({objectives[k].first, false, {1}, {values[k]}});
    trial.values.push_back(experiments::flipped(values[k], objectives[k].second));
  }
  if (completed) {
    end.value = values.front();
    trial.value = trial.values.front();
    trial.steps = 1;
    if (values.size() > 1) end.objectives = values;
    if (values.size() == 1) trial.values.clear();
  }
  const double now = SystemClock().wall();
  commit([&] {
    write_space();
    store().add_finished(study_, row, {"elsewhere", "elsewhere", now, now, 0}, curves, end);
  });
  remember(row.number, std::move(trial));
  return row.number;
}

}  // namespace vernier::detail
