#include "experiments/scheduler/command_executor.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/command_trial.h"
#include "experiments/scheduler/measurement_line.h"

namespace vernier::experiments {
namespace {

constexpr std::size_t most_log = 65536;
constexpr std::size_t longest_line = 1 << 20;

void watch(const Fd& poll, const Fd& fd, int number) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = static_cast<std::uint64_t>(number);
  if (epoll_ctl(poll.get(), EPOLL_CTL_ADD, fd.get(), &event) != 0)
    fail<DeviceError>("[command] cannot watch a process");
}

void append_log(std::string& log, const std::string& text) {
  log += text;
  if (log.size() > 2 * most_log) log.erase(0, log.size() - most_log);
}

std::string last_line(const std::string& log) {
  const std::string_view text = trim(log);
  const auto at = text.rfind('\n');
  std::string line = printable(at == std::string_view::npos ? text : text.substr(at + 1));
  return line.size() > 200 ? line.substr(0, 197) + "..." : line;
}

}  // namespace

CommandExecutor::CommandExecutor(const Spec& spec, Options options, const Clock& clock)
    : spec_(spec),
      options_(std::move(options)),
      clock_(clock),
      poll_(epoll_create1(EPOLL_CLOEXEC)),
      lane_used_(static_cast<std::size_t>(options_.jobs), false) {
  if (!poll_) fail<DeviceError>("[command] no descriptor to wait with");
}

CommandExecutor::~CommandExecutor() {
  for (const auto& [number, trial] : trials_) {
    if (trial->child.pid == 0) continue;
    signal_group(trial->child, SIGKILL);
    reap(trial->child);
  }
}

bool CommandExecutor::has_room(const Config&) const {
  return std::find(lane_used_.begin(), lane_used_.end(), false) != lane_used_.end();
}

Placement CommandExecutor::start(const Launch& launch) {
  auto trial = std::make_unique<Trial>();
  trial->launch = launch;
  trial->step = launch.committed;
  trial->lane = static_cast<std::size_t>(std::find(lane_used_.begin(), lane_used_.end(), false) -
                                         lane_used_.begin());
  spawn(*trial);
  lane_used_[trial->lane] = true;
  const Placement placement{"cpu" + std::to_string(trial->lane), "command"};
  trials_[launch.number] = std::move(trial);
  return placement;
}

void CommandExecutor::spawn(Trial& trial) {
  const int number = trial.launch.number;
  trial.budget = trial.launch.until;
  if (options_.stop_at_decisions) trial.budget = std::min(trial.budget, trial.launch.decide_at);
  const auto dir = std::filesystem::absolute(options_.trials_dir / std::to_string(number));
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (error)
    fail<StoreError>("[command] cannot make folder '{}': {}", dir.string(), error.message());
  ChildOptions options;
  options.argv = spec_.command->argv;
  options.dir = spec_.command->dir;
  options.environment = {
      "VERNIER_PARAMS=" + to_json(trial.launch.config).dump(),
      "VERNIER_STUDY=" + spec_.study,
      fmt::format("VERNIER_TRIAL={}", number),
      fmt::format("VERNIER_DEVICE=cpu{}", trial.lane),
      "VERNIER_TRIAL_DIR=" + dir.string(),
      fmt::format("VERNIER_SEED={}", trial.launch.seed),
      fmt::format("VERNIER_START_STEP={}", trial.step),
  };
  if (trial.budget < INT_MAX)
    options.environment.push_back(fmt::format("VERNIER_BUDGET={}", trial.budget));
  options.memory = spec_.limits.trial_memory.value_or(0);
  trial.child = start_child(options);
  for (const Fd* fd : {&trial.child.handle, &trial.child.output, &trial.child.errors})
    watch(poll_, *fd, number);
  trial.began = trial.step_began = clock_.monotonic();
  trial.kill_at = trial.leave_by = -1;
  trial.left = false;
}

void CommandExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  const auto found = trials_.find(number);
  if (found == trials_.end() || found->second->verdicts == 0) return;
  Trial& trial = *found->second;
  --trial.verdicts;
  trial.launch.decide_at = decide_at;
  if (verdict == search::Verdict::pause) trial.halt = Halt::pause;
  if (verdict == search::Verdict::stop) trial.halt = Halt::stop;
  trial.judged = trial.judged || verdict != search::Verdict::proceed;
  if (trial.halt) {
    if (trial.left) return leave(trial);
    // At its budget it saves and exits of its own accord: a signal could cut the saving short.
    if (verdict == search::Verdict::pause && trial.step == trial.budget) {
      trial.leave_by = clock_.monotonic() + options_.grace;
      return;
    }
    return terminate(trial);
  }
  if (trial.left && trial.verdicts == 0) go_on(trial);
}

/// To its next budget.
void CommandExecutor::go_on(Trial& trial) {
  try {
    spawn(trial);
  } catch (const Error& error) {
    end(trial, Ended::How::failed, error.what());
  }
}

bool CommandExecutor::copy(int from, int to) {
  if (!spec_.command->resumable) return false;
  namespace fs = std::filesystem;
  const fs::path source = options_.trials_dir / std::to_string(from),
                 target = options_.trials_dir / std::to_string(to);
  std::error_code error;
  if (!fs::is_directory(source, error)) return false;
  fs::remove_all(target, error);
  fs::copy(source, target, fs::copy_options::recursive, error);
  if (error)
    fail<StoreError>("[command] cannot copy folder '{}' to '{}': {}", source.string(),
                     target.string(), error.message());
  return true;
}

void CommandExecutor::halt(int number, Halt how) {
  const auto found = trials_.find(number);
  if (found == trials_.end()) return;
  Trial& trial = *found->second;
  if (how == Halt::abandon) {
    if (trial.child.pid != 0) {
      signal_group(trial.child, SIGKILL);
      reap(trial.child);
    }
    lane_used_[trial.lane] = false;
    trials_.erase(found);
    return;
  }
  if (trial.halt != Halt::stop) trial.halt = how;
  // One that exited at its budget leaves with its verdict.
  if (!trial.left) terminate(trial);
}

void CommandExecutor::terminate(Trial& trial) {
  if (trial.kill_at >= 0) return;
  trial.kill_at = clock_.monotonic() + options_.grace;
  signal_group(trial.child, SIGTERM);
}

std::optional<ExecutorEvent> CommandExecutor::next(double seconds) {
  if (events_.empty()) wait(seconds);
  if (events_.empty()) return std::nullopt;
  ExecutorEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

void CommandExecutor::wait(double seconds) {
  const double end = clock_.monotonic() + seconds;
  do {
    const double left = std::min(end, next_deadline()) - clock_.monotonic();
    const int milliseconds = static_cast<int>(std::ceil(std::clamp(left, 0.0, 60.0) * 1000));
    epoll_event ready[64];
    const int n = epoll_wait(poll_.get(), ready, 64, milliseconds);
    for (int i = 0; i < n; ++i) look(static_cast<int>(ready[i].data.u64));
    meet_deadlines();
  } while (events_.empty() && clock_.monotonic() < end);
}

double CommandExecutor::next_deadline() const {
  double soonest = INFINITY;
  for (const auto& [number, trial] : trials_) {
    if (trial->child.pid == 0) continue;
    if (trial->kill_at >= 0) {
      soonest = std::min(soonest, trial->kill_at);
      continue;
    }
    if (trial->leave_by >= 0) soonest = std::min(soonest, trial->leave_by);
    if (spec_.command->timeout > 0) {
      soonest = std::min(soonest, trial->began + spec_.command->timeout);
    }
  }
  return soonest;
}

void CommandExecutor::meet_deadlines() {
  const double now = clock_.monotonic();
  for (const auto& [number, trial] : trials_) {
    if (trial->child.pid == 0) continue;
    if (trial->kill_at >= 0) {
      if (now < trial->kill_at) continue;
      signal_group(trial->child, SIGKILL);
      trial->kill_at = now + options_.grace;
    } else if (trial->leave_by >= 0 && now >= trial->leave_by) {
      terminate(*trial);
    } else if (spec_.command->timeout > 0 && now >= trial->began + spec_.command->timeout) {
      trial->timed_out = true;
      terminate(*trial);
    }
  }
}

/// Output first: what was printed before the exit is in the pipe by then.
void CommandExecutor::look(int number) {
  const auto found = trials_.find(number);
  if (found == trials_.end() || found->second->child.pid == 0) return;
  Trial& trial = *found->second;
  const bool over = has_ended(trial.child);
  std::string errors;
  if (trial.child.errors && !drain(trial.child.errors, errors)) trial.child.errors.reset();
  append_log(trial.log, errors);
  std::string text = std::move(trial.line);
  trial.line.clear();
  if (trial.child.output && !drain(trial.child.output, text)) trial.child.output.reset();
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    take_line(trial, text.substr(begin, end - begin));
    begin = end + 1;
  }
  trial.line = text.substr(begin);
  if (over && !trial.line.empty()) take_line(trial, std::exchange(trial.line, {}));
  if (trial.line.size() > longest_line) append_log(trial.log, std::exchange(trial.line, {}) + "\n");
  if (over) exited(trial, reap(trial.child));
}

void CommandExecutor::take_line(Trial& trial, const std::string& line) {
  const auto measured = parse_measurement(line);
  if (!measured) return append_log(trial.log, line + "\n");
  if (measured->step <= trial.launch.committed || trial.diverged) return;
  if (measured->step <= trial.step)
    return append_log(trial.log, fmt::format("[vernier] step {} after {}: ignored\n",
                                             measured->step, trial.step));
  const double now = clock_.monotonic();
  Measured row{trial.launch.number,
               measured->step,
               measured->metrics,
               {{"seconds", now - trial.step_began}},
               false,
               trial.launch.fence};
  trial.step_began = now;
  trial.step = measured->step;
  row.awaiting = trial.step >= trial.launch.decide_at && trial.step < options_.max_steps;
  for (const auto& [name, value] : row.results)
    if (name == spec_.metrics.front().name && !std::isfinite(value)) trial.diverged = true;
  row.awaiting = row.awaiting && !trial.diverged;
  trial.verdicts += row.awaiting;
  events_.push_back(std::move(row));
  const bool past_pause = trial.leave_by >= 0 && trial.step > trial.budget;
  if (trial.diverged || past_pause) terminate(trial);
}

void CommandExecutor::exited(Trial& trial, int status) {
  if (trial.timed_out)
    return end(trial, Ended::How::failed,
               "timeout after " + format_duration(spec_.command->timeout));
  if (trial.diverged)
    return end(trial, Ended::How::diverged,
               fmt::format("{} is not finite at step {}", spec_.metrics.front().name, trial.step));
  const bool all_done = status == 0 && trial.step >= options_.max_steps;
  if (trial.judged || (trial.halt && !all_done)) return leave(trial);
  if (status != 0) {
    const std::string what = status < 256 ? fmt::format("exit code {}", status)
                                          : fmt::format("killed by signal {}", status - 256);
    const std::string why = last_line(trial.log);
    return end(trial, Ended::How::failed, why.empty() ? what : what + ": " + why);
  }
  if (trial.step < trial.budget || trial.budget >= options_.max_steps)
    return end(trial, Ended::How::completed);
  if (trial.verdicts > 0) {
    trial.left = true;
  } else if (trial.budget < trial.launch.until && trial.launch.decide_at > trial.budget) {
    go_on(trial);  // its verdict came before it had exited
  } else {
    end(trial, Ended::How::paused);
  }
}

void CommandExecutor::leave(Trial& trial) {
  end(trial, trial.halt == Halt::pause ? Ended::How::paused : Ended::How::stopped);
}

void CommandExecutor::end(Trial& trial, Ended::How how, const std::string& reason) {
  const int number = trial.launch.number;
  Ended ended;
  ended.number = number;
  ended.fence = trial.launch.fence;
  ended.how = how;
  ended.reason = reason;
  ended.log = std::move(trial.log);
  if (ended.log.size() > most_log) ended.log.erase(0, ended.log.size() - most_log);
  events_.push_back(std::move(ended));
  lane_used_[trial.lane] = false;
  std::error_code ignored;  // a folder with something in it stays
  if (how != Ended::How::paused)
    std::filesystem::remove(options_.trials_dir / std::to_string(number), ignored);
  trials_.erase(number);
}

}  // namespace vernier::experiments
