// Trials that are external programs: one process per running trial, no shell.
#pragma once
#include <deque>
#include <map>
#include <memory>

#include "core/clock.h"
#include "core/file.h"
#include "experiments/scheduler/executor.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

/// The contract with the program:
/// - started as its argv in `dir`, in a process group of its own, with standard input empty and no other descriptor of ours; killed when
///   this process dies (its own children are killed when it ends).
/// - environment: VERNIER_PARAMS (JSON), VERNIER_STUDY, VERNIER_TRIAL, VERNIER_DEVICE (cpu0, ...), VERNIER_TRIAL_DIR (exists, kept across
///   pauses), VERNIER_SEED, VERNIER_START_STEP (0: from the beginning), VERNIER_BUDGET (the step at which to save and exit 0; not set:
///   none).
/// - a line {"step": 1, NAME: NUMBER, ...} on standard output is a measurement; steps increase, those up to the start step are ignored.
///   Any other line, and standard error, is its log, of which the last 64 KB are kept.
/// - exit code 0: done, or paused where its budget was below a full training. Any other: failed. SIGTERM: save and stop; SIGKILL follows
///   after 10 s. Past `timeout` seconds it fails.
class CommandExecutor final : public Executor {
 public:
  struct Options {
    std::filesystem::path trials_dir;  // VERNIER_TRIAL_DIR is trials_dir/NUMBER
    int jobs = 1;
    int max_steps = 0;  // a full training; INT_MAX: the program says when
    bool stop_at_decisions =
        false;  // strategies that pause: the budget is the next rung, so that a pause is exact
    double grace = 10;  // seconds between SIGTERM and SIGKILL
  };
  /// All but `options` outlive it.
  CommandExecutor(const Spec& spec, Options options, const Clock& clock);
  ~CommandExecutor() override;

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config&) const override { return std::nullopt; }
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  bool copy(int from, int to) override;
  void save(int) override {}
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override { return options_.jobs; }

 private:
  struct Trial;
  void spawn(Trial& trial);
  void go_on(Trial& trial);
  void wait(double seconds);
  void look(int number);
  void take_line(Trial& trial, const std::string& line);
  void exited(Trial& trial, int status);
  void terminate(Trial& trial);
  void end(Trial& trial, Ended::How how, const std::string& reason = "");
  void leave(Trial& trial);
  double next_deadline() const;
  void meet_deadlines();

  const Spec& spec_;
  Options options_;
  const Clock& clock_;
  Fd poll_;
  std::vector<bool> lane_used_;
  std::map<int, std::unique_ptr<Trial>> trials_;
  std::deque<ExecutorEvent> events_;
};

}  // namespace vernier::experiments
