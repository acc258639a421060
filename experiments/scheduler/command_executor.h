// Trials as external programs (`objective: {command: [...]}`), `jobs` at a time. The contract, in variables of the child's environment:
//   VERNIER_PARAMS      settings as JSON              VERNIER_TRIAL_DIR   its own folder, kept across pauses
//   VERNIER_DEVICE      cpu0, cpu1, ...: its place    VERNIER_SEED        a number
//   VERNIER_START_STEP  steps already recorded        VERNIER_BUDGET      the step at which it saves and exits 0
// Each line {"step": 1, "val_loss": 0.3} on standard output is a measurement (steps up to the recorded one are ignored); other lines and
// standard error are its log, of which the last 64 KB are kept. SIGTERM means save and stop; exit code 0 means done.
#pragma once
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "core/clock.h"
#include "core/file.h"
#include "experiments/scheduler/executor.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

struct CommandSetup {
  CommandSpec command;
  std::filesystem::path trials_dir;  // trial k gets trials_dir/k
  int jobs = 1;
};

class CommandExecutor final : public Executor {
 public:
  CommandExecutor(CommandSetup setup, const Clock& clock);
  ~CommandExecutor() override;

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config&) const override { return std::nullopt; }
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int) override {}  // programs keep their own state
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override { return setup_.jobs; }

 private:
  struct Run;
  void launch_process(Run& run);
  void wait_for_output(double seconds);
  void read_pipe(Run& run, bool error_pipe);
  void take_line(Run& run, const std::string& line);
  void take_log(Run& run, std::string_view text);
  void await_verdict(Run& run);
  void process_ended(Run& run, int code);
  void end(Run& run, Ended::How how, const std::string& reason);
  void check_deadlines();
  void watch(Run& run, bool on);
  Run* find(int number);

  CommandSetup setup_;
  const Clock& clock_;
  Fd epoll_;
  std::map<int, std::unique_ptr<Run>> runs_;  // by trial number
  std::deque<ExecutorEvent> events_;
};

}  // namespace vernier::experiments
