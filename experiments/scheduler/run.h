// Launches or continues a study: what `vernier run` calls.
#pragma once
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "experiments/scheduler/executor.h"
#include "experiments/study/spec.h"
#include "search/strategy.h"
#include "store/store.h"

namespace vernier::experiments {

struct Summary {
  int completed = 0, stopped = 0, failed = 0, diverged = 0, infeasible = 0, paused = 0;
  int planned = 0;
  std::optional<int> best;  // trial number
  std::optional<double> best_value;
  double seconds = 0;
  double concurrency =
      0;  // mean lanes busy until the last trial had started (all at once: until the end)
  bool interrupted = false;
  std::string why;  // "all trials done", "space exhausted", "target reached", ...
};

/// What a display or `run --json` shows; sent from the scheduler's thread.
struct Progress {
  enum class Kind {
    study_started,
    trial_started,
    measurement,
    trial_finished,
    best,
    study_finished
  } kind;
  int number = 0;
  int step = 0;
  const Config* config = nullptr;
  const engine::Metrics* results = nullptr;
  std::optional<double> value;
  std::string state, device, reason;
  int until = 0;                     // trial_started: steps of a full training
  const Summary* summary = nullptr;  // running totals, always set
};
using Observer = std::function<void(const Progress&)>;

/// Stops of a run: the first request pauses every trial exactly after its step, the second abandons them at once.
struct StopRequests {
  std::stop_token pause, abandon;
};

/// The event loop alone: strategy, executor and store joined (also in tests, with simulated executor and clock).
Summary run(search::Strategy& strategy, Executor& executor, store::Store& store,
            store::StudyId study, const Spec& spec, const Clock& clock, const StopRequests& stop,
            const Observer& observer, store::WriterSocket* socket = nullptr);

struct RunOptions {
  std::filesystem::path db = "vernier.db";
  std::vector<std::filesystem::path> data_dirs;
  bool force_network_fs = false;
  bool deterministic = false;  // results do not depend on timing: see OrderedExecutor
  bool start_later = false;  // the trial of train.from may be made after this: a warning, no error
  bool amend = false;        // the study continues with a wider space (study/amend.h)
};

/// All of `vernier run`: opens the store, creates or continues the study (a changed space or hash is a UsageError that names what
/// changed, --amend and --as), rebuilds the strategy by replay, makes the executor and runs. When the search is over, the best are repeated as
/// `repeats` says, those there are counted.
Summary run_study(const Spec& spec, const RunOptions& options, const StopRequests& stop,
                  const Observer& observer, const Log& log);

/// `vernier check` = `run --dry-run`: what will run, with estimates. Throws UsageError for all that is wrong.
struct CheckReport {
  std::optional<double> cardinality;
  std::vector<Config> samples;  // five
  std::vector<std::optional<engine::Estimate>>
      estimates;  // of the samples, where the engine trains
  std::vector<std::string> warnings;
  double predicted_seconds = 0;  // of the whole search; 0: unknown
  int lanes = 0;
};
CheckReport check_study(const Spec& spec, const RunOptions& options, const Log& log);

/// `rerun STUDY#k`: trains it again and compares with what is stored, storing nothing.
struct RerunReport {
  bool equal = false;
  std::string difference;  // the first: "step 3 val_loss 0.4 stored, 0.5 now"
  engine::Metrics test;    // with test
  double value = 0;
};
RerunReport rerun_trial(const RunOptions& options, const std::string& study, int number, bool test,
                        const Log& log);
/// `rerun --seeds n`: n repeats stored with parent and kind "repeat"; their values.
/// Where a stop is asked for, those that are whole (none, perhaps).
std::vector<double> repeat_trial(const RunOptions& options, const std::string& study, int number,
                                 int seeds, bool test, const Log& log,
                                 const std::stop_token& stop = {});
/// `best --test`: test metrics of a completed trial's kept weights; counted as an event of the study.
engine::Metrics test_trial(const RunOptions& options, const std::string& study, int number,
                           const Log& log);

}  // namespace vernier::experiments
