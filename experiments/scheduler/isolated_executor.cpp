#include "experiments/scheduler/isolated_executor.h"

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/channel.h"
#include "experiments/scheduler/process.h"
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

struct IsolatedExecutor::Lane {
  engine::DeviceInfo device;
  Child child;  // pid 0: none now
  Channel channel;
  std::string errors;   // the end of its standard error
  std::string refusal;  // why it would not begin, in its words
  int number = 0;       // of the trial; 0: free
  int fence = 0;        // of its launch
  std::size_t bytes = 0;
  bool ready = false;                 // the worker could begin
  bool waits = false;                 // for a verdict
  bool measured = false;              // in this stretch
  bool abandoned = false;             // killed by halt()
  bool silent = false;                // killed by meet_silence()
  std::optional<std::string> broken;  // its device failed, says the worker
  double heard = 0;                   // monotonic
  int unready_deaths = 0;             // in a row
  std::set<int> killers;  // trials at whose beginning a worker died, since the last measurement
  bool lost = false;      // given up
};

IsolatedExecutor::IsolatedExecutor(const Spec& spec, const engine::Engine& engine, Options options,
                                   const Clock& clock)
    : spec_(spec),
      options_(std::move(options)),
      clock_(clock),
      feasibility_(spec, engine, chosen_devices(engine, spec.resources).front()) {
  for (engine::DeviceInfo& device : chosen_devices(engine, spec.resources)) {
    memory_ = std::max(memory_, device.memory);
    lanes_.push_back(std::make_unique<Lane>());
    lanes_.back()->device = std::move(device);
  }
  if (spec.resources.memory > 0) memory_ = spec.resources.memory;
}

IsolatedExecutor::~IsolatedExecutor() {
  for (const auto& lane : lanes_) signal_group(lane->child, SIGKILL);
  for (const auto& lane : lanes_)
    if (lane->child.pid != 0) reap(lane->child);
}

std::size_t IsolatedExecutor::used() const {
  std::size_t bytes = 0;
  for (const auto& lane : lanes_)
    if (lane->number != 0) bytes += lane->bytes;
  return bytes;
}

int IsolatedExecutor::lanes() const {
  return static_cast<int>(
      std::count_if(lanes_.begin(), lanes_.end(), [](const auto& lane) { return !lane->lost; }));
}

std::vector<int> IsolatedExecutor::workers() const {
  std::vector<int> found;
  for (const auto& lane : lanes_)
    if (lane->child.pid != 0) found.push_back(lane->child.pid);
  return found;
}

bool IsolatedExecutor::has_room(const Config& config) const {
  const bool free = std::any_of(lanes_.begin(), lanes_.end(),
                                [](const auto& lane) { return lane->number == 0 && !lane->lost; });
  return free && used() + feasibility_.estimate(config).bytes <= memory_;
}

std::optional<std::string> IsolatedExecutor::infeasible(const Config& config) const {
  return feasibility_.infeasible(config, memory_);
}

std::vector<std::pair<std::string, double>> IsolatedExecutor::facts(const Config& config) const {
  return feasibility_.facts(config);
}

IsolatedExecutor::Lane* IsolatedExecutor::find(int number) {
  for (const auto& lane : lanes_)
    if (lane->number == number && !lane->lost) return lane.get();
  return nullptr;
}

Placement IsolatedExecutor::start(const Launch& launch) {
  Lane* lane = find(0);
  if (!lane) fail<Error>("[scheduler] no free lane for trial {}", launch.number);
  if (lane->child.pid != 0) look(*lane);  // it may have died since
  if (lane->child.pid == 0) spawn(*lane);
  lane->number = launch.number;
  lane->fence = launch.fence;
  lane->bytes = feasibility_.estimate(launch.config).bytes;
  lane->waits = lane->measured = false;
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
  (void)lane.channel.send(
      {{"spec", spec_.json}, {"devices", devices_text(lane.device)}, {"data_dirs", dirs}});
}

void IsolatedExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  Lane* lane = find(number);
  // A verdict for a worker that died meanwhile is not one for its successor.
  if (!lane || !lane->waits) return;
  lane->waits = false;
  lane->heard = clock_.monotonic();
  (void)lane->channel.send({{"do", "answer"},
                            {"number", number},
                            {"verdict", static_cast<int>(verdict)},
                            {"decide_at", decide_at}});
}

void IsolatedExecutor::halt(int number, Halt how) {
  Lane* lane = find(number);
  if (!lane) return;
  if (how == Halt::abandon) {
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
  if (lane.number != 0 && lane.measured && !lane.waits)
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
  if (const auto* measured = std::get_if<Measured>(&event)) {
    lane.measured = true;
    lane.waits = measured->awaiting;
    lane.killers.clear();
  }
  if (const auto* ended = std::get_if<Ended>(&event)) {
    if (ended->how ==
        Ended::How::lost) {  // the failed device is this process's for good: a new one
      lane.broken = ended->reason;
      return;
    }
    lane.number = 0;
  }
  std::visit(
      [&](auto& what) {
        if constexpr (requires { what.fence; }) what.fence = lane.fence;
      },
      event);
  events_.push_back(std::move(event));
}

void IsolatedExecutor::meet_silence(Lane& lane) {
  if (lane.number == 0 || lane.waits || lane.silent) return;
  const double usual = std::max(options_.silence, 10 * longest_silence_);
  if (clock_.monotonic() - lane.heard < (lane.measured ? usual : first_silence * usual)) return;
  lane.silent = true;
  signal_group(lane.child, SIGKILL);
}

/// The worker is gone, or about to be: so is what its trial did since its last checkpoint.
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
  const int number = std::exchange(lane.number, 0);
  if (number != 0) {
    Ended ended;
    ended.number = number;
    ended.fence = lane.fence;
    ended.how = lane.abandoned ? Ended::How::stopped : Ended::How::lost;
    ended.reason = lane.abandoned ? "abandoned" : reason;
    events_.push_back(std::move(ended));
  }
  if (lane.abandoned) return;
  if (!lane.ready) {
    ++lane.unready_deaths;
  } else if (number != 0 && !lane.measured) {
    lane.killers.insert(number);
  }
  const int deaths = std::max(lane.unready_deaths, static_cast<int>(lane.killers.size()));
  if (deaths < options_.most_deaths) return;
  lane.lost = true;
  events_.push_back(DeviceLost{lane.device.name, reason});
}

}  // namespace vernier::experiments
