#include "experiments/scheduler/simulated_executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"

namespace vernier::experiments {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

struct TraceStep {
  double seconds = 0;
  engine::Metrics metrics;
};

}  // namespace

TrialModel replay_trace(const std::filesystem::path& file, std::size_t bytes) {
  std::map<int, std::vector<TraceStep>> by_trial;
  int line_number = 0;
  for (const std::string& line : split(read_text(file), '\n')) {
    ++line_number;
    if (trim(line).empty()) continue;
    const Json json = Json::parse(line, nullptr, false);
    const bool sound = json.is_object() && json.contains("trial") && json["trial"].is_number_integer() && json.contains("seconds") &&
                       json["seconds"].is_number() && json.contains("metrics") && json["metrics"].is_object();
    if (!sound) fail<UsageError>("{}:{}: found {}; expected {{\"trial\":1,\"step\":1,\"seconds\":0.5,\"metrics\":{{...}}}}", file.string(), line_number, printable(line.substr(0, 80)));
    TraceStep step{json["seconds"].get<double>(), {}};
    for (const auto& [name, value] : json["metrics"].items()) {
      if (value.is_number()) step.metrics.emplace_back(name, value.get<double>());
    }
    by_trial[json["trial"].get<int>()].push_back(std::move(step));
  }
  if (by_trial.empty()) fail<UsageError>("{}: no recorded trial; expected JSON lines with trial, step, seconds, metrics", file.string());
  std::vector<std::vector<TraceStep>> trials;
  for (auto& [number, steps] : by_trial) trials.push_back(std::move(steps));
  const auto at = [trials](const Launch& launch, int step) -> const TraceStep& {
    const auto& steps = trials[static_cast<std::size_t>(launch.number - 1) % trials.size()];
    return steps[std::min(static_cast<std::size_t>(step - 1), steps.size() - 1)];
  };
  return {[bytes](const Config&) { return bytes; }, [at](const Launch& launch, int step) { return at(launch, step).seconds; },
          [at](const Launch& launch, int step) { return at(launch, step).metrics; }};
}

SimulatedExecutor::SimulatedExecutor(std::vector<SimulatedDevice> devices, TrialModel model, VirtualClock& clock)
    : devices_(std::move(devices)), used_(devices_.size()), alive_(devices_.size(), true), model_(std::move(model)), clock_(clock) {}

// The fastest device with room: equal work ends soonest there.
std::optional<std::size_t> SimulatedExecutor::device_for(std::size_t bytes) const {
  std::optional<std::size_t> best;
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    if (!alive_[d] || used_[d] + bytes > devices_[d].memory) continue;
    if (!best || devices_[d].speed > devices_[*best].speed) best = d;
  }
  return best;
}

bool SimulatedExecutor::has_room(const Config& config) const { return device_for(model_.bytes(config)).has_value(); }

std::optional<std::string> SimulatedExecutor::infeasible(const Config& config) const {
  const std::size_t bytes = model_.bytes(config);
  std::size_t most = 0;
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    if (alive_[d]) most = std::max(most, devices_[d].memory);
  }
  if (bytes <= most) return std::nullopt;
  return fmt::format("needs {}; the largest device has {}", format_bytes(static_cast<double>(bytes)), format_bytes(static_cast<double>(most)));
}

int SimulatedExecutor::lanes() const {
  std::size_t count = 0;
  for (std::size_t d = 0; d < devices_.size(); ++d) {
    if (alive_[d]) count += devices_[d].memory / std::max<std::size_t>(1, largest_);
  }
  return static_cast<int>(count);
}

Placement SimulatedExecutor::start(const Launch& launch) {
  const std::size_t bytes = model_.bytes(launch.config);
  const auto device = device_for(bytes);
  if (!device) fail<Error>("[simulated] no room for trial {}", launch.number);
  largest_ = std::max(largest_, bytes);
  used_[*device] += bytes;
  if (used_[*device] > devices_[*device].memory) ++overruns_;
  Lane lane;
  lane.launch = launch;
  lane.device = *device;
  lane.bytes = bytes;
  lane.step = launch.checkpoint ? launch.checkpoint->step : 0;
  schedule(lane);
  lanes_[launch.number] = lane;
  return {devices_[*device].name, "simulated"};
}

void SimulatedExecutor::schedule(Lane& lane) {
  lane.next_at = clock_.monotonic() + model_.seconds(lane.launch, lane.step + 1) / devices_[lane.device].speed;
}

engine::Checkpoint SimulatedExecutor::checkpoint(const Lane& lane) const {
  return {lane.step, "simulated", std::vector<std::byte>(8, std::byte{static_cast<unsigned char>(lane.step)})};
}

void SimulatedExecutor::finish(int number, Ended::How how, const std::string& reason) {
  const auto found = lanes_.find(number);
  Ended ended;
  ended.number = number;
  ended.how = how;
  ended.reason = reason;
  if (how == Ended::How::paused) ended.resume = checkpoint(found->second);
  if (how == Ended::How::completed) {
    ended.best = checkpoint(found->second);
    ended.weights_hash = fmt::format("simulated-{}-{}", number, found->second.step);
  }
  used_[found->second.device] -= found->second.bytes;
  lanes_.erase(found);
  events_.emplace_back(std::move(ended));
}

void SimulatedExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  const auto found = lanes_.find(number);
  if (found == lanes_.end()) return;
  if (verdict == search::Verdict::pause) return finish(number, Ended::How::paused, "");
  if (verdict == search::Verdict::stop) return finish(number, Ended::How::stopped, "");
  found->second.launch.decide_at = decide_at;
  schedule(found->second);
}

void SimulatedExecutor::halt(int number, Halt how) {
  const auto found = lanes_.find(number);
  if (found == lanes_.end()) return;
  if (how == Halt::abandon) return finish(number, Ended::How::lost, "abandoned");
  if (found->second.next_at == never) return finish(number, how == Halt::pause ? Ended::How::paused : Ended::How::stopped, "");
  found->second.halted = how;
}

// Between two steps a lane is as it was at the last one.
void SimulatedExecutor::save(int number) {
  if (const auto found = lanes_.find(number); found != lanes_.end()) events_.emplace_back(Saved{number, checkpoint(found->second)});
}

void SimulatedExecutor::pass_time(double until) {
  const double seconds = until - clock_.monotonic();
  if (seconds > 0) {
    usage_.busy += seconds * static_cast<double>(lanes_.size());
    std::size_t places = 0;
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      if (alive_[d] && largest_ > 0) places += (devices_[d].memory - used_[d]) / largest_;
    }
    usage_.idle += seconds * static_cast<double>(places);
  }
  clock_.advance_to(until);
}

void SimulatedExecutor::step(int number) {
  Lane& lane = lanes_.at(number);
  ++lane.step;
  Measured measured{number, lane.step, model_.metrics(lane.launch, lane.step), {{"seconds", model_.seconds(lane.launch, lane.step)}}, false};
  const bool ended = lane.step >= lane.launch.until;
  measured.awaiting = !ended && !lane.halted && lane.step >= lane.launch.decide_at;
  lane.next_at = never;
  const bool awaiting = measured.awaiting;
  events_.emplace_back(std::move(measured));
  if (ended) {
    finish(number, Ended::How::completed, "");
  } else if (lane.halted) {
    finish(number, *lane.halted == Halt::pause ? Ended::How::paused : Ended::How::stopped, "");
  } else if (!awaiting) {
    schedule(lane);
  }
}

void SimulatedExecutor::lose(std::size_t device) {
  alive_[device] = false;
  events_.emplace_back(DeviceLost{devices_[device].name, "lost in the simulation"});
  std::vector<int> numbers;
  for (const auto& [number, lane] : lanes_) {
    if (lane.device == device) numbers.push_back(number);
  }
  for (const int number : numbers) finish(number, Ended::How::lost, devices_[device].name + " lost");
}

std::optional<ExecutorEvent> SimulatedExecutor::next(double seconds) {
  if (events_.empty()) {
    const double until = clock_.monotonic() + seconds;
    double at = never;
    int number = 0;
    std::optional<std::size_t> dying;
    for (const auto& [k, lane] : lanes_) {
      if (lane.next_at < at) {
        at = lane.next_at;
        number = k;
      }
    }
    for (std::size_t d = 0; d < devices_.size(); ++d) {
      if (alive_[d] && devices_[d].lost_at && *devices_[d].lost_at <= at) {
        at = *devices_[d].lost_at;
        dying = d;
      }
    }
    if (at > until || at == never) {
      pass_time(until);
      return std::nullopt;
    }
    pass_time(at);
    if (dying) {
      lose(*dying);
    } else {
      step(number);
    }
  }
  ExecutorEvent event = std::move(events_.front());
  events_.erase(events_.begin());
  return event;
}

}  // namespace vernier::experiments
