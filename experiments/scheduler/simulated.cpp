#include "experiments/scheduler/simulated.h"

#include <algorithm>
#include <cmath>
#include <istream>
#include <memory>

#include "core/error.h"
#include "core/hash.h"
#include "core/text.h"

namespace vernier::experiments {

SimulatedObjective SimulatedObjective::from_traces(std::istream& lines) {
  auto steps = std::make_shared<std::map<std::pair<std::int64_t, int>, SimulatedStep>>();
  SimulatedObjective objective;
  int row = 0;
  for (std::string line; std::getline(lines, line);) {
    ++row;
    if (trim(line).empty()) continue;
    try {
      const Json json = Json::parse(line);
      SimulatedStep step;
      step.seconds = json.at("seconds").get<double>();
      for (const auto& [name, value] : json.at("metrics").items())
        step.results.emplace_back(name, value.get<double>());
      const int number = json.at("step").get<int>();
      (*steps)[{json.at("trial").get<std::int64_t>(), number}] = std::move(step);
      objective.steps = std::max(objective.steps, number);
    } catch (const Json::exception& error) {
      fail<UsageError>("[traces] line {}: {}; expected {{trial, step, seconds, metrics}}", row,
                       printable(error.what()));
    }
  }
  objective.bytes = [](const Config&) { return std::size_t{1}; };
  objective.step = [steps](const Config& config, int at) {  // shared: a std::function is copied
    const Value* trial = config.find("trial");
    const auto number = trial ? static_cast<std::int64_t>(as_number(*trial)) : 0;
    const auto found = steps->find({number, at});
    if (found == steps->end()) fail<UsageError>("[traces] no step {} of trial {}", at, number);
    return found->second;
  };
  return objective;
}

SimulatedExecutor::SimulatedExecutor(SimulatedObjective objective,
                                     std::vector<SimulatedDevice> devices, VirtualClock& clock)
    : objective_(std::move(objective)), clock_(clock) {
  for (SimulatedDevice& info : devices) devices_.push_back({std::move(info)});
}

/// The fastest device with room.
std::optional<std::size_t> SimulatedExecutor::place(std::size_t bytes) const {
  std::optional<std::size_t> best;
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const Device& device = devices_[i];
    if (device.lost || device.running >= device.info.most_lanes) continue;
    if (device.used + bytes > device.info.memory) continue;
    if (!best || device.info.speed > devices_[*best].info.speed) best = i;
  }
  return best;
}

bool SimulatedExecutor::has_room(const Config& config) const {
  return place(objective_.bytes(config)).has_value();
}

std::optional<std::string> SimulatedExecutor::infeasible(const Config& config) const {
  const std::size_t bytes = objective_.bytes(config);
  std::size_t most = 0;
  for (const Device& device : devices_)
    if (!device.lost) most = std::max(most, device.info.memory);
  if (bytes <= most) return std::nullopt;
  return fmt::format("needs {}; the largest device has {}",
                     format_bytes(static_cast<double>(bytes)),
                     format_bytes(static_cast<double>(most)));
}

Placement SimulatedExecutor::start(const Launch& launch) {
  const std::size_t bytes = objective_.bytes(launch.config);
  const auto at = place(bytes);
  if (!at) fail<Error>("[simulated] no room for trial {}", launch.number);
  Device& device = devices_[*at];
  device.used += bytes;
  ++device.running;
  std::size_t& most = occupancy_.most_bytes[device.info.name];
  most = std::max(most, device.used);
  Lane lane;
  lane.launch = launch;
  lane.launch.until = std::min(launch.until, objective_.steps);
  lane.device = *at;
  lane.bytes = bytes;
  if (launch.checkpoint && launch.checkpoint->device_kind == device.info.kind)
    lane.step = launch.checkpoint->step;
  lane.launch.checkpoint.reset();
  Lane& placed = lanes_[launch.number] = std::move(lane);
  begin_step(placed);
  return {device.info.name, device.info.kind};
}

void SimulatedExecutor::begin_step(Lane& lane) {
  const bool over = lane.step >= lane.launch.until;
  const double seconds = over ? 0 : objective_.step(lane.launch.config, lane.step + 1).seconds;
  lane.done_at = clock_.monotonic() + seconds / devices_[lane.device].info.speed;
}

engine::Checkpoint SimulatedExecutor::checkpoint(const Lane& lane) const {
  return {lane.step, devices_[lane.device].info.kind, std::vector<std::byte>(8)};
}

void SimulatedExecutor::leave(int number, Ended::How how, const std::string& reason) {
  const Lane& lane = lanes_.at(number);
  Ended ended;
  ended.number = number;
  ended.fence = lane.launch.fence;
  ended.how = how;
  ended.reason = reason;
  if (how == Ended::How::paused) ended.resume = checkpoint(lane);
  if (how == Ended::How::completed) {
    ended.best = checkpoint(lane);
    ended.weights_hash = content_hash(lane.launch.config.key());
  }
  devices_[lane.device].used -= lane.bytes;
  --devices_[lane.device].running;
  lanes_.erase(number);
  events_.push(std::move(ended));
}

void SimulatedExecutor::end_step(int number) {
  Lane& lane = lanes_.at(number);
  if (lane.step >= objective_.steps) return leave(number, Ended::How::completed);
  ++lane.step;
  const SimulatedStep made = objective_.step(lane.launch.config, lane.step);
  const bool diverged = std::any_of(made.results.begin(), made.results.end(),
                                    [](const auto& m) { return !std::isfinite(m.second); });
  const bool last = diverged || lane.step >= objective_.steps;
  Measured row{number,
               lane.step,
               made.results,
               {{"seconds", made.seconds / devices_[lane.device].info.speed}},
               lane.step == lane.launch.decide_at && !last,
               lane.launch.fence};
  lane.waits = row.awaiting;
  events_.push(std::move(row));
  if (lane.save) events_.push(Saved{number, checkpoint(lane), lane.launch.fence});
  lane.save = false;
  if (diverged) return leave(number, Ended::How::diverged, "a metric is not finite");
  if (last) return leave(number, Ended::How::completed);
  if (lane.waits) return;
  if (lane.halt)
    return leave(number, *lane.halt == Halt::pause ? Ended::How::paused : Ended::How::stopped);
  if (lane.step >= lane.launch.until) return leave(number, Ended::How::paused);
  begin_step(lane);
}

void SimulatedExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  const auto found = lanes_.find(number);
  if (found == lanes_.end() || !found->second.waits) return;
  Lane& lane = found->second;
  lane.waits = false;
  if (verdict == search::Verdict::stop) return leave(number, Ended::How::stopped);
  if (verdict == search::Verdict::pause) return leave(number, Ended::How::paused);
  lane.launch.decide_at = decide_at;
  if (lane.halt)
    return leave(number, *lane.halt == Halt::pause ? Ended::How::paused : Ended::How::stopped);
  begin_step(lane);
}

void SimulatedExecutor::halt(int number, Halt how) {
  const auto found = lanes_.find(number);
  if (found == lanes_.end()) return;
  if (how == Halt::abandon) {
    devices_[found->second.device].used -= found->second.bytes;
    --devices_[found->second.device].running;
    lanes_.erase(found);
    return;
  }
  found->second.halt = how;
}

void SimulatedExecutor::save(int number) {
  const auto found = lanes_.find(number);
  if (found == lanes_.end()) return;
  if (found->second.waits) {
    events_.push(Saved{number, checkpoint(found->second), found->second.launch.fence});
  } else {
    found->second.save = true;
  }
}

void SimulatedExecutor::lose(std::size_t at) {
  devices_[at].lost = true;
  std::vector<int> gone;
  for (const auto& [number, lane] : lanes_)
    if (lane.device == at) gone.push_back(number);
  for (const int number : gone)
    leave(number, Ended::How::lost, "lost with device " + devices_[at].info.name);
  events_.push(DeviceLost{devices_[at].info.name, "as planned"});
}

void SimulatedExecutor::look(double until) {
  const double seconds = until - looked_;
  looked_ = until;
  occupancy_.busy += seconds * static_cast<double>(lanes_.size());
  if (smallest_ == 0) return;
  for (const Device& device : devices_) {
    if (device.lost) continue;
    const auto fit = (device.info.memory - device.used) / smallest_;
    occupancy_.idle +=
        seconds * std::min(static_cast<double>(fit),
                           static_cast<double>(device.info.most_lanes - device.running));
  }
}

std::optional<ExecutorEvent> SimulatedExecutor::next(double seconds) {
  if (events_.empty() && seconds <= 0) return std::nullopt;  // time stands still
  while (events_.empty()) {
    int number = 0;
    double at = INFINITY;
    for (const auto& [candidate, lane] : lanes_)
      if (!lane.waits && lane.done_at < at) {
        at = lane.done_at;
        number = candidate;
      }
    std::optional<std::size_t> dying;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      const Device& device = devices_[i];
      if (device.lost || device.info.lost_at < 0 || device.info.lost_at > at) continue;
      if (!std::isfinite(at) && device.running == 0) continue;
      at = device.info.lost_at;
      dying = i;
    }
    if (!dying && number == 0) return std::nullopt;
    look(std::max(at, looked_));
    clock_.advance_to(at);
    if (dying) {
      lose(*dying);
    } else {
      end_step(number);
    }
  }
  ExecutorEvent event = std::move(events_.front());
  events_.pop();
  return event;
}

int SimulatedExecutor::lanes() const {
  int count = 0;
  for (const Device& device : devices_) {
    if (device.lost) continue;
    const std::size_t unit = std::max<std::size_t>(smallest_, 1);
    count += static_cast<int>(std::min<std::size_t>(
        device.info.memory / unit, static_cast<std::size_t>(device.info.most_lanes)));
  }
  return count;
}

}  // namespace vernier::experiments
