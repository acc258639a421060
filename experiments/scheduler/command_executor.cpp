#include "experiments/scheduler/command_executor.h"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cmath>
#include <csignal>
#include <limits>
#include <optional>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/measurement_line.h"
#include "experiments/scheduler/process.h"

namespace vernier::experiments {
namespace {

constexpr std::size_t log_kept = 64 * 1024;
constexpr std::size_t longest_line = 1 << 20;
constexpr double grace_seconds = 10;  // between SIGTERM and SIGKILL
constexpr double never = std::numeric_limits<double>::infinity();

}  // namespace

// One trial on its place.
struct CommandExecutor::Run {
  Launch launch;
  int place = 0;
  int last_step = 0;  // the last measured one
  double since = 0;   // when the process began or measured last
  std::optional<Process> process;
  bool watched = false;
  std::string out_rest, log;
  std::deque<std::string> held;      // lines behind a step that awaits its verdict
  std::optional<Measured> decision;  // the step that reached decide_at
  bool awaiting = false;             // its verdict is asked for
  std::optional<Ended::How> wanted;  // what a signal that was sent leads to
  std::string wanted_reason;
  double kill_at = never, timeout_at = never;
};

CommandExecutor::CommandExecutor(CommandSetup setup, const Clock& clock)
    : setup_(std::move(setup)), clock_(clock), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (!epoll_) fail<Error>("[command] epoll_create1 failed");
}

CommandExecutor::~CommandExecutor() = default;

bool CommandExecutor::has_room(const Config&) const {
  return static_cast<int>(runs_.size()) < setup_.jobs;
}

CommandExecutor::Run* CommandExecutor::find(int number) {
  const auto found = runs_.find(number);
  return found == runs_.end() ? nullptr : found->second.get();
}

Placement CommandExecutor::start(const Launch& launch) {
  std::set<int> taken;
  for (const auto& [number, run] : runs_) taken.insert(run->place);
  int place = 0;
  while (taken.contains(place)) ++place;
  auto& slot = runs_[launch.number];
  slot = std::make_unique<Run>();
  slot->launch = launch;
  slot->place = place;
  slot->last_step = launch.committed;
  launch_process(*slot);
  return {fmt::format("cpu{}", place), "command"};
}

void CommandExecutor::launch_process(Run& run) {
  const Launch& launch = run.launch;
  const std::filesystem::path folder = setup_.trials_dir / std::to_string(launch.number);
  // A program that cannot continue starts anew; where it can, it saves at the step that is to be judged.
  const int from = setup_.command.resumable ? run.last_step : 0;
  const int budget =
      setup_.command.resumable ? std::min(launch.until, launch.decide_at) : launch.until;
  try {
    std::filesystem::create_directories(folder);
    run.process.emplace(
        ProcessOptions{setup_.command.argv,
                       setup_.command.dir,
                       {{"VERNIER_PARAMS", to_json(launch.config).dump()},
                        {"VERNIER_DEVICE", fmt::format("cpu{}", run.place)},
                        {"VERNIER_TRIAL_DIR", std::filesystem::absolute(folder).string()},
                        {"VERNIER_SEED", std::to_string(launch.seed)},
                        {"VERNIER_START_STEP", std::to_string(from)},
                        {"VERNIER_BUDGET", std::to_string(budget)}}});
  } catch (const std::exception& error) {
    end(run, Ended::How::failed, error.what());
    return;
  }
  run.since = clock_.monotonic();
  run.timeout_at = setup_.command.timeout > 0 ? run.since + setup_.command.timeout : never;
  watch(run, true);
}

void CommandExecutor::watch(Run& run, bool on) {
  if (!run.process || run.watched == on) return;
  const int fds[] = {run.process->out_fd(), run.process->err_fd(), run.process->ended_fd()};
  for (int kind = 0; kind < 3; ++kind) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 =
        static_cast<std::uint64_t>(run.launch.number) * 4 + static_cast<std::uint64_t>(kind);
    epoll_ctl(epoll_.get(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fds[kind], &event);
  }
  run.watched = on;
}

void CommandExecutor::read_pipe(Run& run, bool error_pipe) {
  if (!run.process) return;
  const int fd = error_pipe ? run.process->err_fd() : run.process->out_fd();
  char buffer[1 << 14];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n == 0)
      epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);  // closed: it would wake us for ever
    if (n <= 0) return;
    const std::string_view text(buffer, static_cast<std::size_t>(n));
    if (error_pipe) {
      take_log(run, text);
      continue;
    }
    run.out_rest += text;
    std::size_t from = 0;
    for (std::size_t at; (at = run.out_rest.find('\n', from)) != std::string::npos; from = at + 1) {
      take_line(run, run.out_rest.substr(from, at - from));
    }
    run.out_rest.erase(0, from);
    if (run.out_rest.size() > longest_line) {
      take_log(run, run.out_rest);
      run.out_rest.clear();
    }
  }
}

void CommandExecutor::take_log(Run& run, std::string_view text) {
  run.log += text;
  if (run.log.size() > 2 * log_kept) run.log.erase(0, run.log.size() - log_kept);
}

void CommandExecutor::take_line(Run& run, const std::string& line) {
  if (run.awaiting) {
    run.held.push_back(line);
    return;
  }
  const auto parsed = parse_measurement(line);
  if (!parsed) {
    take_log(run, line + "\n");
    return;
  }
  if (parsed->step <= run.last_step || run.wanted) return;
  if (run.decision) {  // it goes on past its budget: the verdict cannot wait for its end
    await_verdict(run);
    run.held.push_back(line);
    return;
  }
  const double now = clock_.monotonic();
  Measured measured{
      run.launch.number, parsed->step, parsed->metrics, {{"seconds", now - run.since}}, false};
  run.since = now;
  run.last_step = parsed->step;
  const auto broken = std::find_if(measured.results.begin(), measured.results.end(),
                                   [](const auto& m) { return !std::isfinite(m.second); });
  if (broken != measured.results.end()) {
    run.wanted = Ended::How::diverged;
    run.wanted_reason =
        fmt::format("{} is not finite at step {}", printable(broken->first), parsed->step);
    run.process->signal(SIGKILL);
    return;
  }
  if (parsed->step >= run.launch.decide_at) {
    run.decision = std::move(measured);
    if (!setup_.command.resumable) await_verdict(run);
    return;
  }
  events_.emplace_back(std::move(measured));
}

void CommandExecutor::await_verdict(Run& run) {
  run.awaiting = true;
  run.decision->awaiting = true;
  events_.emplace_back(std::move(*run.decision));
  run.decision.reset();
}

void CommandExecutor::answer(int number, search::Verdict verdict, int decide_at) {
  Run* run = find(number);
  if (run == nullptr || !run->awaiting) return;
  run->awaiting = false;
  if (verdict != search::Verdict::proceed) {
    const auto how = verdict == search::Verdict::pause ? Ended::How::paused : Ended::How::stopped;
    if (!run->process) {
      end(*run, how, "");
      return;
    }
    run->wanted = how;
    // A program that cannot continue has nothing to save.
    run->process->signal(setup_.command.resumable ? SIGTERM : SIGKILL);
    run->kill_at = clock_.monotonic() + grace_seconds;
    return;
  }
  run->launch.decide_at = decide_at;
  if (!run->process) {
    launch_process(*run);
    return;
  }
  const std::deque<std::string> lines = std::exchange(run->held, {});
  for (const std::string& line : lines) take_line(*run, line);
}

void CommandExecutor::halt(int number, Halt how) {
  Run* run = find(number);
  if (run == nullptr) return;
  const auto wanted = how == Halt::pause  ? Ended::How::paused
                      : how == Halt::stop ? Ended::How::stopped
                                          : Ended::How::lost;
  if (!run->process) {  // between two stretches, waiting for a verdict
    end(*run, wanted, how == Halt::abandon ? "abandoned" : "");
    return;
  }
  run->wanted = wanted;
  if (how == Halt::abandon) {
    run->process->signal(SIGKILL);
    end(*run, wanted, "abandoned");
    return;
  }
  run->process->signal(SIGTERM);
  run->kill_at = std::min(run->kill_at, clock_.monotonic() + grace_seconds);
}

void CommandExecutor::process_ended(Run& run, int code) {
  read_pipe(run, false);
  read_pipe(run, true);
  if (!run.out_rest.empty()) take_line(run, std::exchange(run.out_rest, {}));
  watch(run, false);
  run.process.reset();
  run.kill_at = run.timeout_at = never;
  if (run.wanted) {
    end(run, *run.wanted, run.wanted_reason);
  } else if (code != 0) {
    end(run, Ended::How::failed,
        code > 128 ? fmt::format("ended by signal {}", code - 128)
                   : fmt::format("exit code {}", code));
  } else if (run.decision) {
    await_verdict(run);
  } else if (run.awaiting) {
    return;  // ended by itself while its verdict is awaited: the answer decides
  } else if (run.last_step == 0) {
    end(run, Ended::How::failed, "no measurement");
  } else {
    end(run, Ended::How::completed, "");
  }
}

void CommandExecutor::end(Run& run, Ended::How how, const std::string& reason) {
  if (run.log.size() > log_kept) run.log.erase(0, run.log.size() - log_kept);
  Ended ended;
  ended.number = run.launch.number;
  ended.how = how;
  ended.reason = reason;
  ended.log = std::move(run.log);
  watch(run, false);
  events_.emplace_back(std::move(ended));
  runs_.erase(ended.number);
}

void CommandExecutor::check_deadlines() {
  const double now = clock_.monotonic();
  for (auto& [number, run] : runs_) {
    if (!run->process) continue;
    if (now >= run->kill_at) {
      run->process->signal(SIGKILL);
      run->kill_at = never;
    } else if (now >= run->timeout_at) {
      run->wanted = Ended::How::failed;
      run->wanted_reason = "timeout after " + format_duration(setup_.command.timeout);
      run->process->signal(SIGTERM);
      run->timeout_at = never;
      run->kill_at = now + grace_seconds;
    }
  }
}

void CommandExecutor::wait_for_output(double seconds) {
  const double now = clock_.monotonic();
  for (const auto& [number, run] : runs_)
    seconds = std::min({seconds, run->kill_at - now, run->timeout_at - now});
  const int milliseconds = static_cast<int>(std::ceil(std::clamp(seconds, 0.0, 3600.0) * 1000));
  epoll_event ready[64];
  const int count = epoll_wait(epoll_.get(), ready, 64, milliseconds);
  for (int i = 0; i < count; ++i) {
    Run* run = find(static_cast<int>(ready[i].data.u64 / 4));
    if (run == nullptr || !run->process) continue;
    const auto kind = ready[i].data.u64 % 4;
    if (kind < 2) {
      read_pipe(*run, kind == 1);
    } else if (const auto code = run->process->reap()) {
      process_ended(*run, *code);
    }
  }
}

std::optional<ExecutorEvent> CommandExecutor::next(double seconds) {
  const double until = clock_.monotonic() + seconds;
  while (events_.empty()) {
    const double left = until - clock_.monotonic();
    wait_for_output(std::max(0.0, left));
    check_deadlines();
    if (events_.empty() && (left <= 0 || runs_.empty())) return std::nullopt;
  }
  ExecutorEvent event = std::move(events_.front());
  events_.pop_front();
  return event;
}

}  // namespace vernier::experiments
