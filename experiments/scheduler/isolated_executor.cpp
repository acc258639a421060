#include "experiments/scheduler/isolated_executor.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/isolated_lane.h"
#include "experiments/scheduler/wire.h"

extern char** environ;

namespace vernier::experiments {
namespace {

constexpr std::size_t most_errors = 4096;  // bytes kept of a worker's standard error
constexpr double first_silence = 10;       // times the usual: the first step also loads the data
constexpr int parting = 2000;              // milliseconds from a closed socket to the exit

/// start_child() hides ours from external programs; a worker is this program and needs them.
std::vector<std::string> own_variables() {
  std::vector<std::string> found;
  for (char** entry = environ; *entry != nullptr; ++entry)
    if (std::strncmp(*entry, "VERNIER_", 8) == 0) found.emplace_back(*entry);
  return found;
}

std::string devices_text(const engine::DeviceInfo& device) {
  return device.gpu ? fmt::format("gpu:{}", device.index) : "cpu";
}

bool has_ended(const Child& child, int milliseconds) {
  pollfd handle{child.handle.get(), POLLIN, 0};
  return poll(&handle, 1, milliseconds) == 1;
}

}  // namespace

IsolatedExecutor::~IsolatedExecutor() {
  for (const auto& lane : lanes_) signal_group(lane->child, SIGKILL);
  for (const auto& lane : lanes_)
    if (lane->child.pid != 0) reap(lane->child);
}

std::vector<int> IsolatedExecutor::workers() const {
  std::vector<int> found;
  for (const auto& lane : lanes_)
    if (lane->child.pid != 0) found.push_back(lane->child.pid);
  return found;
}

IsolatedExecutor::Lane* IsolatedExecutor::find(int number) {
  for (const auto& lane : lanes_)
    if (lane->jobs.count(number) > 0 && !lane->lost) return lane.get();
  return nullptr;
}

Placement IsolatedExecutor::start(const Launch& launch) {
  Lane* lane = lane_with_room(launch.config);
  if (!lane) fail<Error>("[scheduler] no free lane for trial {}", launch.number);
  const engine::Estimate& of = estimate(*lane, launch.config);
  if (lane->child.pid != 0) look(*lane);  // it may have died since
  if (lane->child.pid == 0) spawn(*lane);
  lane->jobs[launch.number] = {launch.fence, of.bytes, of.data_bytes};
  lane->heard = clock_.monotonic();
  // Where it cannot be sent the worker is dead, which next() finds and tells.
  (void)lane->channel.send({{"do", "start"}, {"launch", launch_to_json(launch)}});
  return {lane->device.name, lane->device.kind};
}

void IsolatedExecutor::spawn(Lane& lane) {
  auto [ours, theirs] = Channel::pair();
  ChildOptions options;
  options.argv = options_.argv;
  options.environment = own_variables();
  options.input = theirs.fd();
  try {
    lane.child = start_child(options);
  } catch (const UsageError& error) {
    fail<DeviceError>("[isolate] no worker: {}", error.what());
  }
  lane.channel = std::move(ours);
  lane.errors.clear();
  lane.refusal.clear();
  lane.ready = lane.abandoned = lane.silent = false;
  lane.broken.reset();
  Json dirs = Json::array();
  for (const auto& dir : options_.data_dirs) dirs.push_back(dir.string());
  Json hello{{"spec", spec_.json},
             {"devices", devices_text(lane.device)},
             {"jobs", lane.most},
             {"data_dirs", dirs}};
  if (lane.device.gpu) {
    hello["gpu"] = lane.device.index;
    hello["memory"] = lane.memory;
  }
  (void)lane.channel.send(hello);
}

void IsolatedExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  Lane* lane = find(number);
  // A verdict for a worker that died meanwhile is not one for its successor.
  if (!lane || !lane->jobs.at(number).waits) return;
  lane->jobs.at(number).waits = false;
  lane->heard = clock_.monotonic();
  (void)lane->channel.send({{"do", "answer"},
                            {"number", number},
                            {"verdict", static_cast<int>(verdict)},
                            {"decide_at", decide_at}});
}

void IsolatedExecutor::halt(int number, Halt how) {
  Lane* lane = find(number);
  if (!lane) return;
  if (how == Halt::abandon && !lane->device.gpu) {  // others train in a GPU's worker
    lane->abandoned = true;
    signal_group(lane->child, SIGKILL);
    return;
  }
  (void)lane->channel.send({{"do", "halt"}, {"number", number}, {"how", static_cast<int>(how)}});
}

void IsolatedExecutor::save(int number) {
  if (Lane* lane = find(number)) (void)lane->channel.send({{"do", "save"}, {"number", number}});
}

std::optional<ExecutorEvent> IsolatedExecutor::next(double seconds) {
  if (events_.empty()) wait(seconds);
  if (events_.empty()) return std::nullopt;
  ExecutorEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

/// Once, until something is to be read; the scheduler comes again for the rest of its time.
void IsolatedExecutor::wait(double seconds) {
  std::vector<pollfd> watched;
  for (const auto& lane : lanes_) {
    if (lane->child.pid == 0) continue;
    watched.push_back({lane->channel.fd(), POLLIN, 0});
    for (const Fd* fd : {&lane->child.output, &lane->child.errors})
      if (*fd) watched.push_back({fd->get(), POLLIN, 0});
  }
  const int milliseconds = static_cast<int>(std::ceil(std::clamp(seconds, 0.0, 60.0) * 1000));
  (void)poll(watched.data(), watched.size(), milliseconds);
  for (const auto& lane : lanes_) {
    if (lane->child.pid != 0) look(*lane);
    if (lane->child.pid != 0) meet_silence(*lane);
  }
}

void IsolatedExecutor::look(Lane& lane) {
  std::string ignored;
  if (lane.child.output && !drain(lane.child.output, ignored)) lane.child.output.reset();
  if (lane.child.errors && !drain(lane.child.errors, lane.errors)) lane.child.errors.reset();
  if (lane.errors.size() > most_errors) lane.errors.erase(0, lane.errors.size() - most_errors);
  const bool alive = lane.channel.fill();
  try {
    while (!lane.broken) {
      const auto message = lane.channel.take();
      if (!message) break;
      take(lane, *message);
    }
  } catch (const std::exception& error) {
    signal_group(lane.child, SIGKILL);
    return bury(lane, error.what());
  }
  if (lane.broken) {
    signal_group(lane.child, SIGKILL);
    return bury(lane, *lane.broken);
  }
  if (!alive) bury(lane, "");
}

void IsolatedExecutor::take(Lane& lane, const Json& message) {
  const double now = clock_.monotonic();
  if (lane.trains() && lane.measured())
    longest_silence_ = std::max(longest_silence_, now - lane.heard);
  lane.heard = now;
  const std::string kind = message.at("event").get<std::string>();
  if (kind == "ready") {
    lane.ready = true;
    lane.unready_deaths = 0;
    return;
  }
  if (kind == "refused") {
    lane.refusal = message.at("reason").get<std::string>();
    return;
  }
  ExecutorEvent event = event_from_json(message);
  if (std::holds_alternative<DeviceLost>(event)) {
    lane.broken = std::get<DeviceLost>(event).reason;
    return;
  }
  const auto job = lane.jobs.find(std::visit(
      [](const auto& what) {
        if constexpr (requires { what.number; }) return what.number;
        return 0;
      },
      event));
  if (job == lane.jobs.end()) return;  // of a trial that is no longer there
  if (const auto* measured = std::get_if<Measured>(&event)) {
    job->second.measured = true;
    job->second.waits = measured->awaiting;
    lane.killers.clear();
  }
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.fence; }) what.fence = job->second.fence;
      },
      event);
  if (const auto* ended = std::get_if<Ended>(&event)) {
    if (ended->how ==
        Ended::How::lost) {  // the failed device is this process's for good: a new one
      lane.broken = ended->reason;
      return;
    }
    lane.jobs.erase(job);
  }
  events_.push_back(std::move(event));
}

void IsolatedExecutor::meet_silence(Lane& lane) {
  if (!lane.trains() || lane.silent) return;
  const double usual = std::max(options_.silence, 10 * longest_silence_);
  if (clock_.monotonic() - lane.heard < (lane.measured() ? usual : first_silence * usual)) return;
  lane.silent = true;
  signal_group(lane.child, SIGKILL);
}

/// The worker is gone, or about to be: so is what its trials did since their last checkpoints.
void IsolatedExecutor::bury(Lane& lane, std::string reason) {
  if (!has_ended(lane.child, parting)) signal_group(lane.child, SIGKILL);
  // What it said last, for example of failed memory, came before its end.
  if (lane.child.errors) (void)drain(lane.child.errors, lane.errors);
  const int status = reap(lane.child);
  lane.child.output.reset();
  lane.child.errors.reset();
  lane.channel = Channel();
  if (reason.empty())
    reason = status < 256 ? fmt::format("worker ended with exit code {}", status)
                          : fmt::format("worker ended by signal {}", status - 256);
  if (lane.silent) reason = "worker said nothing for too long and was killed";
  std::string words(trim(lane.refusal.empty() ? lane.errors : lane.refusal));
  words = printable(words.substr(words.rfind('\n') + 1));
  if (!words.empty()) reason += ": " + words.substr(0, 200);
  const auto jobs = std::exchange(lane.jobs, {});
  for (const auto& [number, job] : jobs) {
    Ended ended;
    ended.number = number;
    ended.fence = job.fence;
    ended.how = lane.abandoned ? Ended::How::stopped : Ended::How::lost;
    ended.reason = lane.abandoned ? "abandoned" : reason;
    events_.push_back(std::move(ended));
  }
  if (lane.abandoned) return;
  if (!lane.ready) ++lane.unready_deaths;
  // Which of a GPU's trials it was is not known: one of them stands for all.
  const auto killer =
      std::find_if(jobs.begin(), jobs.end(), [](const auto& job) { return !job.second.measured; });
  if (lane.ready && killer != jobs.end()) lane.killers.insert(killer->first);
  const int deaths = std::max(lane.unready_deaths, static_cast<int>(lane.killers.size()));
  if (deaths < options_.most_deaths) return;
  lane.lost = true;
  events_.push_back(DeviceLost{lane.device.name, reason});
}

}  // namespace vernier::experiments
