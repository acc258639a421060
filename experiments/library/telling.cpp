// What trials ask for, report, and come to.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "experiments/library/info.h"
#include "experiments/library/search.h"
#include "experiments/library/space_impl.h"
#include "experiments/scheduler/flipped.h"

namespace vernier::detail {
namespace {

search::Outcome outcome_of(State state) {
  if (state == State::completed) return search::Outcome::completed;
  if (state == State::stopped) return search::Outcome::stopped;
  if (state == State::diverged) return search::Outcome::diverged;
  if (state == State::infeasible) return search::Outcome::infeasible;
  return search::Outcome::failed;
}

bool same_definition(const search::Parameter& a, const search::Parameter& b) {
  return a.kind == b.kind && a.scale == b.scale && a.step == b.step && a.choices == b.choices &&
         (!a.choices.empty() || (a.low == b.low && a.high == b.high));
}

}  // namespace

Search::Live& Search::live(int number) {
  const auto found = live_.find(number);
  if (found == live_.end())
    fail<UsageError>(
        "[{}#{}] is not running; expected a trial that was asked for and has not ended",
        settings_.name, number);
  return found->second;
}

/// Likewise; an interrupted one runs again.
Search::Live& Search::running(int number) {
  if (!interrupted_.contains(number)) {
    if (!live_.contains(number)) (void)store().trial(study_, number);  // NotFoundError
    return live(number);
  }
  Live again = recall(number);
  const auto& reports = past(again.id).reports;
  if (!reports.empty() && again.last_step == reports.back().step)
    again.verdict = strategy().report(again.id, reports.back());  // its verdict may have been lost
  again.decide_at = strategy().next_decision(again.id);
  again.believed = in_space(past(again.id), nullptr);
  hand_out(number, std::move(again));
  interrupted_.erase(number);
  return live_.at(number);
}

Value Search::suggest(int number, const search::Parameter& parameter) {
  const auto lock = shared_->lock();
  Live& trial = live(number);
  const search::Axis axis(parameter);
  const auto asked = std::find_if(trial.asked.begin(), trial.asked.end(),
                                  [&](const auto& item) { return item.first == parameter.name; });
  if (!settings_.by_run) {
    std::vector<std::string> names;
    for (const auto& known : settings_.parameters) names.push_back(known.name);
    const auto at = std::find(names.begin(), names.end(), parameter.name);
    if (at == names.end())
      fail<UsageError>("[space] unknown parameter '{}'{}", parameter.name,
                       hint(parameter.name, names));
    const auto& known = settings_.parameters[static_cast<std::size_t>(at - names.begin())];
    if (!same_definition(known, parameter))
      fail<UsageError>("[space] parameter '{}' is asked for as {}; expected {}", parameter.name,
                       axis.describe(), search::Axis(known).describe());
    if (asked == trial.asked.end())
      fail<UsageError>(
          "[space] parameter '{}' is inactive in trial {}; expected its condition to be looked at "
          "first",
          parameter.name, number);
    return asked->second;
  }
  if (asked != trial.asked.end()) {
    if (const auto value = axis.canonical(asked->second)) return *value;
    fail<UsageError>("[space] parameter '{}' is {} in trial {}, and is asked for again as {}",
                     parameter.name, vernier::to_text(asked->second), number, axis.describe());
  }
  if (growing_.merge(parameter)) {
    space_changed_ = true;
    strategy_.reset();
  }
  const Value* proposed = trial.proposal.find(parameter.name);
  const auto inside = proposed ? axis.canonical(*proposed) : std::nullopt;
  if (proposed && !inside && past(trial.id).enqueued)
    fail<UsageError>("[space] parameter '{}' was enqueued as {}; expected {}", parameter.name,
                     vernier::to_text(*proposed), axis.describe());
  const auto independent = [&] {
    if (trial.id == 1) return axis.centre();
    return axis.from_uniform(
        experiments::independent_unit(settings_.seed, trial.id, parameter.name));
  };
  const Value value = inside ? *inside : axis.at(independent());
  trial.asked.emplace_back(parameter.name, value);
  return value;
}

/// What the trial has asked for is in the database; until it ends, beside what it may still ask for. Part of a commit.
void Search::flush(int number, Live& trial) {
  if (!settings_.by_run) return;
  if (space_changed_) write_space();
  Config config = trial.proposal;
  for (const auto& [name, value] : trial.asked) config.set(name, value);
  if (config == trial.stored) return;
  store().set_config(study_, number, config);
  trial.stored = std::move(config);
}

void Search::report(int number, int step, double value, const Metrics& others) {
  const auto lock = shared_->lock();
  Live& trial = live(number);
  if (settings_.objectives.size() > 1)
    fail<UsageError>("[report] study '{}' has {} objectives; expected one", settings_.name,
                     settings_.objectives.size());
  if (step < 0) fail<UsageError>("[report] step {}; expected 0 or more", step);
  if (trial.last_step && step <= *trial.last_step) return;
  const auto& [metric, maximize] = settings_.objectives.front();
  store::StepRow row;
  row.step = step;
  row.results.emplace_back(metric, value);
  for (const auto& [name, other] : others) {
    const bool twice = std::any_of(row.results.begin(), row.results.end(),
                                   [&, &n = name](const auto& item) { return item.first == n; });
    if (twice || name.empty() || name.size() > 100 || printable(name) != name)
      fail<UsageError>(
          "[report] a metric is named '{}'{}; expected other names than '{}', of 1 to 100 "
          "printable characters",
          printable(name.substr(0, 40)), twice ? " twice" : "", metric);
    row.results.emplace_back(name, other);
  }
  std::optional<double> best = trial.best;
  std::optional<int> best_step = trial.best_step;
  const double minimised = experiments::flipped(value, maximize);
  if (std::isfinite(value) && (!best || minimised < *best)) {
    best = minimised;
    best_step = step;
  }
  search::Strategy& judge = strategy();
  const bool asking = trial.verdict == search::Verdict::proceed;
  const bool rung = asking && step >= trial.decide_at;
  const search::Report seen{step, best.value_or(std::numeric_limits<double>::infinity())};
  commit([&] {
    flush(number, trial);
    store().add_step(study_, number, row,
                     best ? std::optional(experiments::flipped(*best, maximize)) : std::nullopt);
    if (rung) store().add_rung(study_, {number, step, seen.value});
  });
  trial.last_step = step;
  trial.best = best;
  trial.best_step = best_step;
  past(trial.id).steps = step;
  if (rung) past(trial.id).reports.push_back(seen);
  if (!asking) return;
  trial.verdict = judge.report(trial.id, seen);
  if (rung) trial.decide_at = judge.next_decision(trial.id);
}

bool Search::should_stop(int number) {
  const auto lock = shared_->lock();
  Live& trial = live(number);
  if (trial.verdict != search::Verdict::proceed || !trial.stop_reason.empty() || interrupting_)
    trial.told_to_stop = true;
  return trial.told_to_stop;
}

std::optional<int> Search::last_step(int number) {
  const auto lock = shared_->lock();
  return live(number).last_step;
}

void Search::set_attribute(int number, const std::string& name, const std::string& text) {
  const auto lock = shared_->lock();
  live(number).attributes[name] = text;
}

Params Search::params(int number) {
  const auto lock = shared_->lock();
  return live(number).asked;
}

void Search::tell(int number, const std::vector<double>& values) {
  const auto lock = shared_->lock();
  Live& trial = running(number);
  if (values.size() != settings_.objectives.size())
    fail<UsageError>("[{}#{}] came to {} values; expected {}", settings_.name, number,
                     values.size(), settings_.objectives.size());
  if (trial.told_to_stop && !trial.stop_reason.empty())
    return end(number, trial, State::stopped, {}, trial.stop_reason);
  if (trial.told_to_stop && trial.verdict == search::Verdict::proceed)
    return interrupt(number, trial, "interrupted");
  if (trial.told_to_stop && trial.verdict == search::Verdict::pause) {
    if (settings_.by_run && !trial.asked.empty()) trial.proposal = {};
    commit([&] { rest(number, trial, store::State::paused, ""); });
    paused_.insert(number);
    past(trial.id).paused = true;
    return told(number, trial, {search::Outcome::pending, trial.best, trial.last_step.value_or(0)});
  }
  if (trial.told_to_stop)
    return end(
        number, trial, State::stopped, {},
        fmt::format("stopped by {} at step {}", settings_.strategy.at("type").get<std::string>(),
                    trial.last_step.value_or(0)));
  const auto wrong = std::find_if(values.begin(), values.end(),
                                  [](double value) { return !std::isfinite(value); });
  if (wrong != values.end())
    return end(number, trial, State::diverged, {}, fmt::format("its value is {}", *wrong));
  end(number, trial, State::completed, values, "");
}

void Search::tell(int number, State state, const std::string& reason) {
  const auto lock = shared_->lock();
  if (state == State::interrupted) return interrupt(number, running(number), reason);
  if (state != State::failed && state != State::stopped && state != State::infeasible)
    fail<UsageError>(
        "[{}#{}] is told to be {}; expected failed, stopped, infeasible or interrupted",
        settings_.name, number, to_text(state));
  end(number, running(number), state, {}, reason);
}

/// A trial that may go on later. Part of a commit.
void Search::rest(int number, Live& trial, store::State state, const std::string& reason) {
  flush(number, trial);
  if (!trial.attributes.empty())
    store().add_artifact(study_, number,
                         {0, attributes_name, "json", attributes_json(trial.attributes).dump()});
  store().set_state(study_, number, state, reason);
}

void Search::end(int number, Live& trial, State state, const std::vector<double>& values,
                 const std::string& reason) {
  const auto& objectives = settings_.objectives;
  search::Ending ending;
  ending.outcome = outcome_of(state);
  store::TrialEnd row;
  row.state = static_cast<store::State>(state);
  row.reason = reason;
  if (state == State::completed) {
    row.value = values.front();
    if (values.size() > 1) row.objectives = values;
    ending.value = experiments::flipped(values.front(), objectives.front().second);
    for (std::size_t k = 0; values.size() > 1 && k < values.size(); ++k)
      ending.values.push_back(experiments::flipped(values[k], objectives[k].second));
  } else if (state == State::stopped && trial.best) {
    row.value = experiments::flipped(*trial.best, objectives.front().second);
    row.best_step = trial.best_step;
    ending.value = trial.best;
  }
  const bool whole = state == State::completed && !trial.last_step;
  const int steps = whole ? 1 : trial.last_step.value_or(0);
  ending.steps = steps;
  // What it did not ask for is no setting of it; one that asked in an earlier stretch alone has those.
  if (settings_.by_run && !(trial.recalled && trial.asked.empty())) trial.proposal = {};
  commit([&] {
    flush(number, trial);
    if (!trial.attributes.empty())
      store().add_artifact(study_, number,
                           {0, attributes_name, "json", attributes_json(trial.attributes).dump()});
    if (whole) {  // a function that reports nothing: its value is its one measurement
      store::StepRow only;
      only.step = steps;
      for (std::size_t k = 0; k < values.size(); ++k)
        only.results.emplace_back(objectives[k].first, values[k]);
      store().add_step(study_, number, only, row.value);
    }
    store().finish_trial(study_, number, row);
  });
  paused_.erase(number);
  told(number, trial, ending);
}

/// The end of a trial's stretch, for the strategy. `trial` is gone afterwards.
void Search::told(int number, const Live& trial, const search::Ending& ending) {
  search::PastTrial& seen = past(trial.id);
  const bool dropped = seen.paused && ending.outcome != search::Outcome::pending;
  seen.config = trial.stored;
  seen.outcome = ending.outcome;
  seen.value = ending.value;
  seen.values = ending.values;
  seen.steps = ending.steps;
  if (dropped) seen.paused = false;
  if (strategy_ && !dropped) {
    strategy_->tell(trial.id, ending);
    // The sampler is to learn from what was tried, not from what it proposed.
    if (in_space(seen, nullptr).key() != trial.believed.key()) strategy_.reset();
  }
  live_.erase(number);
  told_.notify_all();
}

}  // namespace vernier::detail
