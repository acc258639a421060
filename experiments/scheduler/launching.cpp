// Which trial starts where: resumed ones, held ones, then what the strategy asks for.
#include <algorithm>
#include <climits>
#include <new>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/loop.h"
#include "experiments/scheduler/transfer.h"

namespace vernier::experiments {
namespace {

constexpr int most_infeasible = 64;  // told in one transaction

/// A trial that was passed this often by smaller ones goes first, whatever waits.
constexpr int most_passed = 64;

}  // namespace

void Loop::fill() {
  if (phase_ != Phase::searching) return;
  for (int told = 0; told < most_infeasible;) {
    while (launch_held()) {
    }
    const bool full = busy() >= executor_.lanes();
    const auto room = static_cast<std::size_t>(executor_.lookahead());
    if (full || exhausted_ || asked_in_vain_ || held_.size() > room) return;
    const auto before = held_.size();
    if (!ask()) return;
    if (held_.size() == before) ++told;
  }
}

/// Starts the first held trial that fits.
bool Loop::launch_held() {
  for (auto at = held_.begin(); at != held_.end(); ++at) {
    if (executor_.has_room(at->config)) {
      Live trial = std::move(*at);
      held_.erase(at);
      launch(std::move(trial));
      return true;
    }
    if (++at->passed >= most_passed) return false;
  }
  return false;
}

/// One question to the strategy; what it wants is held. False: nothing now.
bool Loop::ask() {
  search::Ask wish = strategy_.ask();
  if (std::holds_alternative<search::Wait>(wish)) {
    asked_in_vain_ = true;
    return false;
  }
  if (const auto* finished = std::get_if<search::Finished>(&wish)) {
    exhausted_ = true;
    why_ = finished->why;
    return false;
  }
  if (const auto* resume = std::get_if<search::Resume>(&wish)) {
    Live trial = recall(resume->number, resume->until);
    if (paused_.erase(trial.number) == 0) {  // a person stopped it while it was paused
      strategy_.tell(trial.id,
                     {search::Outcome::stopped, trial.objective.minimised(), trial.committed});
      return true;
    }
    // By a verdict: from here on it is a new stretch, not one that a request cut short.
    if (store_.trial(study_, trial.number).reason.empty()) trial.origin.reset();
    add_event(trial.number, "resumed", fmt::format("at step {}", trial.committed));
    held_.push_back(std::move(trial));
    return true;
  }
  if (const auto* drop = std::get_if<search::Drop>(&wish)) {
    Live trial = recall(drop->number, 0);
    if (paused_.contains(trial.number)) close(trial, store::State::stopped, "not promoted");
    return true;
  }
  Live trial = record_new(std::get<search::Start>(wish));
  if (const auto why = executor_.infeasible(trial.config)) {
    close(trial, store::State::infeasible, *why);
    return true;
  }
  held_.push_back(std::move(trial));
  return true;
}

Loop::Live Loop::record_new(const search::Start& start) {
  Live trial(start.number, ++last_number_, start.config, spec_.metrics);
  trial.until = start.until;
  numbering_.add(trial.id, trial.number);
  store::NewTrial row;
  row.number = trial.number;
  row.config = start.config;
  if (start.clone_of) row.parent = numbering_.number(*start.clone_of);
  row.seed = spec_.trial_seed(start.config, trial.number);
  row.fit = start.fit;
  for (const Config& enqueued : spec_.enqueue)
    row.enqueued = row.enqueued || enqueued == start.config;
  store_.add_trial(study_, row);
  if (row.parent) copy_state(*row.parent, trial);
  return trial;
}

/// A clone begins with the state in which its parent is paused, at that step.
void Loop::copy_state(int parent, Live& clone) {
  const auto found = store_.load_checkpoint(study_, parent, "resume");
  const int step = store_.trial(study_, parent).steps;
  if (!executor_.copy(parent, clone.number) && !found) {
    add_event(clone.number, "restarted",
              fmt::format("the state of #{} is lost: it starts at step 0", parent));
    return;
  }
  if (found) store_.save_checkpoint(study_, clone.number, *found);
  clone.committed = found ? found->step : step;
  add_event(clone.number, "cloned", fmt::format("from #{} at step {}", parent, clone.committed));
}

/// A trial of the database; `until` 0: what the strategy remembers.
Loop::Live Loop::recall(int id, int until) {
  const store::TrialRecord record = store_.trial(study_, numbering_.number(id));
  Live trial(id, record.number, record.config, spec_.metrics);
  for (const store::StepRow& row : store_.curve(study_, record.number))
    trial.objective.add(row.step, row.results);
  trial.committed = record.steps;
  if (record.parent && record.steps == 0) {  // a clone that has trained nothing yet
    const auto found = store_.load_checkpoint(study_, record.number, "resume");
    if (found) trial.committed = found->step;
    if (spec_.command && spec_.command->resumable && record.fit.size() == 2)
      trial.committed = static_cast<int>(record.fit[0]);  // its folder is the parent's of that step
  }
  trial.device_kind = record.device_kind;
  trial.trained = record.seconds;
  trial.origin = record.origin;
  trial.until = until > 0 ? until : strategy_.budget_of(id);
  return trial;
}

/// A trial that the study limits waits at its last step too, so that it takes none beyond.
int Loop::awaited_at(int decision) const {
  return std::min(decision, spec_.limits.trial_steps.value_or(INT_MAX));
}

void Loop::launch(Live trial) {
  Launch launch;
  launch.number = trial.number;
  launch.config = trial.config;
  launch.until = trial.until;
  launch.seed = spec_.trial_seed(trial.config, trial.number);
  if (trial.committed > 0 && spec_.command && !spec_.command->resumable) {
    store_.discard_steps(study_, trial.number, "the program starts from 0 again");
    trial.committed = 0;
    trial.objective = Objective(spec_.metrics);
  }
  if (const auto found = store_.load_checkpoint(study_, trial.number, "resume"))
    launch.checkpoint = engine::Checkpoint{found->step, found->device_kind, found->bytes};
  launch.committed = trial.committed;
  launch.origin = trial.origin;
  launch.fence = trial.fence = ++fence_;
  trial.decide_at = strategy_.next_decision(trial.id);
  launch.decide_at = awaited_at(trial.decide_at);
  Placement placement;
  try {
    launch.start = start_weights(store_, start_name(spec_, launch.config));
    placement = executor_.start(launch);
  } catch (const UsageError& error) {
    return close(trial, store::State::failed, error.what());
  } catch (const NotFoundError& error) {
    return close(trial, store::State::failed, error.what());
  } catch (const std::bad_alloc&) {
    return close(trial, store::State::failed, "out of memory");
  } catch (const DeviceError& error) {
    return retry(std::move(trial), error.what());
  }
  if (trial.committed > 0 && !trial.device_kind.empty() &&
      trial.device_kind != placement.device_kind) {
    store_.discard_steps(study_, trial.number,
                         fmt::format("restarted on {}: its steps were made on {}",
                                     placement.device_kind, trial.device_kind));
    trial.committed = 0;
    trial.objective = Objective(spec_.metrics);
  }
  trial.device_kind = placement.device_kind;
  trial.origin = placement.origin;
  store_.set_running(study_, trial.number, placement.device, placement.device_kind, trial.origin);
  const double now = clock_.monotonic();
  trial.launched = trial.saved = last_launch_ = now;
  busy_at_launch_ = busy_seconds_;
  note(Progress::Kind::trial_started, trial);
  notices_.back().progress.device = placement.device;
  live_.insert_or_assign(trial.number, std::move(trial));
}

}  // namespace vernier::experiments
