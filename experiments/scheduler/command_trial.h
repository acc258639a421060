// One running external program.
#pragma once
#include "experiments/scheduler/command_executor.h"
#include "experiments/scheduler/process.h"

namespace vernier::experiments {

struct CommandExecutor::Trial {
  Launch launch;
  std::size_t lane = 0;
  Child child;
  int step = 0;      // last measured
  int budget = 0;    // where it shall save and exit; INT_MAX: none
  std::string line;  // of standard output, not complete yet
  std::string log;
  double began = 0, step_began = 0;
  double kill_at = -1;   // SIGTERM was sent; < 0: not
  double leave_by = -1;  // paused at its budget: SIGTERM by then; < 0: not
  int verdicts = 0;      // still to come: a quick program is ahead of them
  bool judged = false;   // a verdict ended it: what it printed beyond does not count
  bool left = false;     // it exited at its budget and waits for the verdict
  bool timed_out = false, diverged = false;
  std::optional<Halt> halt;
};

}  // namespace vernier::experiments
