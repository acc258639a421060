#include "experiments/scheduler/ordered_executor.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <utility>

namespace vernier::experiments {

OrderedExecutor::OrderedExecutor(std::unique_ptr<Executor> inner, double now, bool one_at_a_time)
    : inner_(std::move(inner)), now_(now), one_at_a_time_(one_at_a_time) {}

std::size_t OrderedExecutor::bytes(const Config& config) const {
  for (const auto& [name, value] : inner_->facts(config))
    if (name == "bytes") return static_cast<std::size_t>(value);
  return 0;
}

/// By the lanes whose end was passed on: the real ones may be free already.
bool OrderedExecutor::has_room(const Config& config) const {
  if (static_cast<int>(lanes_.size()) >= inner_->lanes()) return false;
  std::size_t used = bytes(config);
  for (const auto& [number, lane] : lanes_) used += lane.bytes;
  return used <= inner_->memory() && inner_->has_room(config);
}

Placement OrderedExecutor::start(const Launch& launch) {
  Lane lane;
  lane.pace = inner_->pace(launch.config);
  lane.origin = launch.origin.value_or(now_ - lane.pace * launch.committed);
  lane.bytes = bytes(launch.config);
  lane.replayed = lane.step = lane.released = launch.committed;
  Placement placement = inner_->start(launch);
  placement.origin = lane.origin;
  lanes_.insert_or_assign(launch.number, std::move(lane));
  return placement;
}

void OrderedExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  if (const auto found = lanes_.find(number); found != lanes_.end()) found->second.waits = false;
  inner_->answer(number, verdict, decide_at);
}

void OrderedExecutor::halt(int number, Halt how) {
  inner_->halt(number, how);
  const auto found = lanes_.find(number);
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  if (how == Halt::abandon) {
    lanes_.erase(found);
    return;
  }
  lane.halted = how;
  for (ExecutorEvent& event : std::exchange(lane.events, {})) {
    if (const auto* measured = std::get_if<Measured>(&event)) leave_out(lane, *measured);
    if (auto* ended = std::get_if<Ended>(&event)) return take_ended(lane, std::move(*ended));
  }
}

/// A step after a request to halt; a lane that awaits a verdict on it gets one here.
void OrderedExecutor::leave_out(const Lane& lane, const Measured& measured) {
  if (!measured.awaiting) return;
  inner_->answer(measured.number,
                 lane.halted == Halt::pause ? search::Verdict::pause : search::Verdict::stop,
                 INT_MAX);
}

void OrderedExecutor::take(ExecutorEvent event) {
  if (auto* measured = std::get_if<Measured>(&event)) {
    const auto found = lanes_.find(measured->number);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    if (measured->step <= lane.replayed) return at_once_.push_back(std::move(event));
    lane.step = measured->step;
    if (lane.halted) return leave_out(lane, *measured);
    lane.events.push_back(std::move(event));
  } else if (auto* saved = std::get_if<Saved>(&event)) {
    const auto found = lanes_.find(saved->number);
    if (found == lanes_.end()) return;
    Lane& lane = found->second;
    if (saved->checkpoint.step <= lane.released) return at_once_.push_back(std::move(event));
    if (!lane.halted) lane.events.push_back(std::move(event));
  } else if (auto* ended = std::get_if<Ended>(&event)) {
    const auto found = lanes_.find(ended->number);
    if (found != lanes_.end()) take_ended(found->second, std::move(*ended));
  } else {
    at_once_.push_back(std::move(event));
  }
}

void OrderedExecutor::take_ended(Lane& lane, Ended event) {
  const bool lost = event.how == Ended::How::lost;
  if (!lost && !lane.halted) return lane.events.push_back(std::move(event));
  // When it came was chance: it counts only up to the step that was passed on.
  if (!lost && lane.step > lane.released) {
    event.how = lane.halted == Halt::pause ? Ended::How::paused : Ended::How::stopped;
    event.reason.clear();
  }
  lanes_.erase(event.number);
  at_once_.push_back(std::move(event));
}

/// The first event in virtual time, where every lane has shown its next one.
std::optional<ExecutorEvent> OrderedExecutor::release() {
  if (!at_once_.empty()) {
    ExecutorEvent event = std::move(at_once_.front());
    at_once_.pop_front();
    return event;
  }
  Lane* first = nullptr;
  int number = 0;
  double soonest = 0;
  for (auto& [candidate, lane] : lanes_) {
    if (lane.waits || lane.halted || lane.events.empty()) return std::nullopt;
    const auto* measured = std::get_if<Measured>(&lane.events.front());
    const double at = lane.origin + lane.pace * (measured ? measured->step : lane.released);
    if (first != nullptr && at >= soonest) continue;
    first = &lane;
    number = candidate;
    soonest = at;
  }
  if (first == nullptr) return std::nullopt;
  ExecutorEvent event = std::move(first->events.front());
  first->events.pop_front();
  now_ = std::max(now_, soonest);
  // What may start something is acted upon before more is seen; so is everything while a lane is free.
  barrier_ = one_at_a_time_ || static_cast<int>(lanes_.size()) < inner_->lanes();
  if (const auto* measured = std::get_if<Measured>(&event)) {
    first->released = measured->step;
    first->waits = measured->awaiting;
    barrier_ = barrier_ || measured->awaiting;
  } else if (std::holds_alternative<Ended>(event)) {
    lanes_.erase(number);
    barrier_ = true;
  }
  return event;
}

std::optional<ExecutorEvent> OrderedExecutor::next(double seconds) {
  if (seconds <= 0 && barrier_) return std::nullopt;
  barrier_ = false;
  while (auto event = inner_->next(0)) take(std::move(*event));
  if (auto event = release()) return event;
  if (seconds <= 0) return std::nullopt;
  if (auto event = inner_->next(seconds)) take(std::move(*event));
  return release();
}

double virtual_time(const store::Store& store, store::StudyId study, const Executor& executor) {
  double now = 0;
  for (const store::TrialRecord& trial : store.trials(study))
    if (trial.origin)
      now = std::max(now, *trial.origin + executor.pace(trial.config) * trial.steps);
  return now;
}

}  // namespace vernier::experiments
