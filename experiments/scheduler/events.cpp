// What executors report, what the strategy says to it, and what the database keeps of it.
#include <algorithm>
#include <climits>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/loop.h"
#include "search/importance/surrogate.h"

namespace vernier::experiments {
namespace {

constexpr double checkpoint_every = 30;  // seconds at least
constexpr double checkpoint_share = 20;  // times its own writing time

std::string names_of(const engine::Metrics& metrics) {
  std::vector<std::string> names;
  for (const auto& [name, value] : metrics) names.push_back(name);
  return names.empty() ? "nothing" : join(names, ", ");
}

}  // namespace

void Loop::handle(ExecutorEvent event) {
  std::visit([this](auto& what) { on(std::move(what)); }, event);
}

void Loop::on(Measured event) {
  const auto found = live_.find(event.number);
  if (found == live_.end() || found->second.fence != event.fence) return;
  if (found->second.finished || found->second.paused) return;
  Live& trial = found->second;
  const store::StepRow row{event.step, event.results, event.timings};
  if (event.step <= trial.committed) {
    try {
      store_.add_step(study_, trial.number, row, trial.objective.value());
    } catch (const StoreError& error) {
      if (std::string(error.what()).find("not reproducible") == std::string::npos) throw;
      orders_.push_back([this, n = trial.number] { executor_.halt(n, Executor::Halt::stop); });
      close(trial, store::State::failed, error.what());
    }
    return;
  }
  trial.objective.add(event.step, event.results);
  store_.add_step(study_, trial.number, row, trial.objective.value());
  trial.committed = event.step;
  for (const engine::Recorded& each : event.recorded)
    store_.add_artifact(study_, trial.number, {event.step, each.name, each.kind, each.blob});
  note(Progress::Kind::measurement, trial);
  notices_.back().results = event.results;
  const auto most = spec_.limits.trial_steps;
  if (trial.stop_reason.empty() && most && event.step >= *most)
    trial.stop_reason = fmt::format("limits.trial_steps of {} reached", *most);
  if (trial.stop_reason.empty()) {
    decide(trial, event);
  } else {
    // A lane that waits for a verdict does not see a halt that came before.
    orders_.push_back([this, n = trial.number, awaiting = event.awaiting] {
      executor_.halt(n, Executor::Halt::stop);
      if (awaiting) executor_.answer(n, search::Verdict::stop, INT_MAX);
    });
  }
  const auto value = trial.objective.minimised();
  if (spec_.limits.target && value &&
      *value <= flipped(*spec_.limits.target, spec_.metrics.front().maximize) &&
      !broken_limit(trial))
    end_all("target reached");
}

void Loop::decide(Live& trial, const Measured& event) {
  search::Report report{
      event.step, trial.objective.minimised().value_or(std::numeric_limits<double>::infinity())};
  const bool rung = event.step >= trial.decide_at;
  if (rung) store_.add_rung(study_, {trial.number, event.step, report.value});
  const search::Verdict verdict = strategy_.report(trial.id, report);
  if (rung) trial.decide_at = strategy_.next_decision(trial.id);
  if (!event.awaiting) return consider_checkpoint(trial, false);
  const int number = trial.number, next = awaited_at(trial.decide_at);
  orders_.push_back([=, this] { executor_.answer(number, verdict, next); });
  if (verdict == search::Verdict::proceed) return consider_checkpoint(trial, true);
  if (verdict == search::Verdict::pause) {
    // In the same transaction as the rung: a restart finds the verdict, not only the number.
    store_.set_state(study_, number, store::State::paused);
    trial.paused = true;
    return;
  }
  close(trial, store::State::stopped,
        fmt::format("stopped by {} at step {}", spec_.strategy, event.step));
}

void Loop::consider_checkpoint(Live& trial, bool rung) {
  if (trial.save_asked) return;
  const double since = clock_.monotonic() - trial.saved;
  const double share = checkpoint_share * trial.save_seconds;
  if (since < (rung ? share : std::max(checkpoint_every, share))) return;
  trial.save_asked = true;
  // Before the verdict is answered, so that a rung's state is that of the rung.
  orders_.insert(orders_.begin(), [this, n = trial.number] { executor_.save(n); });
}

void Loop::on(Saved event) {
  const auto found = live_.find(event.number);
  if (found == live_.end() || found->second.fence != event.fence || found->second.finished) return;
  Live& trial = found->second;
  trial.save_asked = false;
  if (event.checkpoint.step > trial.committed) return;
  const double begin = clock_.monotonic();
  store_.save_checkpoint(study_, trial.number,
                         {event.checkpoint.step, event.checkpoint.device_kind, "resume",
                          std::move(event.checkpoint.bytes)});
  trial.saved = clock_.monotonic();
  trial.save_seconds = trial.saved - begin;
}

void Loop::on(Ended event) {
  const auto found = live_.find(event.number);
  if (found == live_.end() || found->second.fence != event.fence) return;
  Live trial = std::move(found->second);
  live_.erase(found);
  const double seconds = clock_.monotonic() - trial.launched;
  trial.trained += seconds;
  device_seconds_ += seconds;
  if (!event.log.empty())
    store_.add_artifact(study_, trial.number, {trial.committed, "log", "log", event.log});
  if (trial.finished) return;
  switch (event.how) {
    case Ended::How::completed:
      return complete(trial, event);
    case Ended::How::paused:
      return pause(trial, event);
    case Ended::How::stopped:
      return close(trial, store::State::stopped,
                   trial.stop_reason.empty() ? event.reason : trial.stop_reason);
    case Ended::How::failed:
      return close(trial, store::State::failed, event.reason);
    case Ended::How::diverged:
      return close(trial, store::State::diverged, event.reason);
    case Ended::How::infeasible:
      return close(trial, store::State::infeasible, event.reason);
    case Ended::How::lost:
      return lose(trial, event);
  }
}

void Loop::complete(Live& trial, Ended& event) {
  if (trial.objective.value()) {
    if (event.best && !broken_limit(trial)) keep_best(trial, *event.best);
    close(trial, store::State::completed, event.reason, event.weights_hash);
    return check_regret();
  }
  const auto curve = store_.curve(study_, trial.number);
  const std::string& metric = spec_.metrics.front().name;
  if (curve.empty()) return close(trial, store::State::failed, "no measurement");
  close(trial, store::State::failed,
        fmt::format("metric '{}' was never reported; found {}", metric,
                    names_of(curve.back().results)));
}

/// Whether what may still be gained is below limits.regret; looked at again when the trials have grown by a twentieth.
void Loop::check_regret() {
  if (!spec_.limits.regret || phase_ != Phase::searching || summary_.completed < next_regret_)
    return;
  next_regret_ = summary_.completed + std::max(1, summary_.completed / 20);
  std::vector<Config> configs;
  std::vector<double> values;
  for (store::TrialRecord& trial : store_.trials(study_)) {
    if (trial.kind != "search" || trial.state != store::State::completed || !trial.value) continue;
    configs.push_back(std::move(trial.config));
    values.push_back(flipped(*trial.value, spec_.metrics.front().maximize));
  }
  const auto bound = search::regret_bound(spec_.space(), configs, values);
  if (!bound || *bound > *spec_.limits.regret) return;
  add_event(std::nullopt, "regret",
            fmt::format("at most {} may be gained after {} completed trials",
                        format_number(*bound, 4), configs.size()));
  end_all("expected regret reached");
}

/// By verdict, by request (Ctrl-C), or of its own accord.
void Loop::pause(Live& trial, Ended& event) {
  if (event.resume && event.resume->step <= trial.committed)
    store_.save_checkpoint(
        study_, trial.number,
        {event.resume->step, event.resume->device_kind, "resume", std::move(event.resume->bytes)});
  if (!trial.paused) store_.set_state(study_, trial.number, store::State::paused, why_);
  add_event(trial.number, "paused", fmt::format("at step {}", trial.committed));
  paused_.insert(trial.number);
  strategy_.tell(trial.id,
                 {search::Outcome::pending, trial.objective.minimised(), trial.committed});
}

/// Its device is gone: again from the last checkpoint, so often as the study allows.
void Loop::lose(Live& trial, const Ended& event) {
  if (!trial.stop_reason.empty()) return close(trial, store::State::stopped, trial.stop_reason);
  if (trial.paused) {
    // The verdict stands; the state is made again from the last checkpoint when the trial is promoted.
    paused_.insert(trial.number);
    return strategy_.tell(trial.id,
                          {search::Outcome::pending, trial.objective.minimised(), trial.committed});
  }
  retry(std::move(trial), event.reason);
}

void Loop::retry(Live trial, const std::string& reason) {
  if (++trial.lost > spec_.limits.retries)
    return close(trial, store::State::failed,
                 fmt::format("{} (tried {} times)", reason, trial.lost));
  add_event(trial.number, "retried", reason);
  store_.set_state(study_, trial.number, store::State::interrupted, reason);
  trial.save_asked = false;
  trial.passed = 0;
  held_.push_front(std::move(trial));
}

void Loop::on(const DeviceLost& event) {
  add_event(std::nullopt, "device_lost", event.device + ": " + event.reason);
  drop_impossible();
}

/// Held trials that fit on no device that is left.
void Loop::drop_impossible() {
  if (executor_.lanes() == 0) return;
  std::deque<Live> keep;
  for (Live& trial : std::exchange(held_, {})) {
    if (const auto why = executor_.infeasible(trial.config)) {
      close(trial, store::State::infeasible, *why);
    } else {
      keep.push_back(std::move(trial));
    }
  }
  held_ = std::move(keep);
}

/// What `require` limits: the facts, and the results of the step that the value comes from, its best one, else its last.
store::NamedValues Loop::limited_values(const Live& trial) const {
  auto values = executor_.facts(trial.config);
  if (!trial.objective.value()) return values;
  const bool at_best = spec_.metrics.front().reduce == "best";
  const int step =
      at_best ? trial.objective.best_step().value_or(trial.committed) : trial.committed;
  for (const store::StepRow& row : store_.curve(study_, trial.number))
    if (row.step == step) values.insert(values.end(), row.results.begin(), row.results.end());
  return values;
}

std::optional<std::string> Loop::broken_limit(const Live& trial) const {
  if (outcomes_.empty() || !trial.objective.value()) return std::nullopt;
  return outcomes_.broken(limited_values(trial));
}

/// The end of a trial, in the database and for the strategy.
void Loop::close(Live& trial, store::State state, std::string reason,
                 const std::string& weights_hash) {
  std::vector<double> margins;
  if (limits_.size() > 0) margins = limits_.margins(limited_values(trial));
  if (state == store::State::completed || state == store::State::stopped) {
    if (auto why = broken_limit(trial)) {
      state = store::State::infeasible;
      reason = std::move(*why);
    }
  }
  store::TrialEnd end;
  end.state = state;
  end.value = trial.objective.value();
  end.objectives = trial.objective.all();
  end.best_step = trial.objective.best_step();
  end.reason = reason;
  end.weights_hash = weights_hash;
  end.facts = executor_.facts(trial.config);
  store_.finish_trial(study_, trial.number, end);
  const auto outcome = [state] {
    if (state == store::State::completed) return search::Outcome::completed;
    if (state == store::State::stopped) return search::Outcome::stopped;
    if (state == store::State::diverged) return search::Outcome::diverged;
    if (state == store::State::infeasible) return search::Outcome::infeasible;
    return search::Outcome::failed;
  }();
  trial.finished = true;
  // A paused trial is nothing the strategy waits for; should it want it back, ask() tells it then.
  const bool awaited = paused_.erase(trial.number) == 0 && !over_;
  if (awaited) {
    search::Ending ending{outcome, trial.objective.minimised(), trial.committed,
                          trial.objective.all_minimised(), std::move(margins)};
    if (weighs_work()) ending.work = executor_.pace(trial.config);
    if (trial.committed > 0) ending.seconds = trial.trained / trial.committed;
    strategy_.tell(trial.id, ending);
  }
  if (state == store::State::completed) ++summary_.completed;
  if (state == store::State::stopped) ++summary_.stopped;
  if (state == store::State::failed) ++summary_.failed;
  if (state == store::State::diverged) ++summary_.diverged;
  if (state == store::State::infeasible) ++summary_.infeasible;
  note(Progress::Kind::trial_finished, trial);
  notices_.back().progress.state = store::to_text(state);
  notices_.back().progress.reason = reason;
  const auto value = trial.objective.minimised();
  const bool counts = state == store::State::completed || state == store::State::stopped;
  if (!counts || !value || (best_ && *best_ <= *value)) return;
  best_ = value;
  summary_.best = trial.number;
  summary_.best_value = trial.objective.value();
  note(Progress::Kind::best, trial);
}

/// The weights of the best `keep` completed trials stay.
void Loop::keep_best(const Live& trial, const engine::Checkpoint& best) {
  const auto most = static_cast<std::size_t>(spec_.keep);
  const std::pair<double, int> entry{*trial.objective.minimised(), trial.number};
  kept_.insert(std::upper_bound(kept_.begin(), kept_.end(), entry), entry);
  if (kept_.size() > most) {
    const int worst = kept_.back().second;
    kept_.pop_back();
    if (worst == trial.number) return;
    store_.drop_checkpoint(study_, worst, "best");
  }
  store_.save_checkpoint(study_, trial.number, {best.step, best.device_kind, "best", best.bytes});
}

}  // namespace vernier::experiments
