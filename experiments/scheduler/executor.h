// Runs trials on devices: in this process, in child processes, as external commands, or simulated. Talks in plain records, so
// that it can live in a child process unchanged. Only the scheduler's thread calls it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/value.h"
#include "engine/engine.h"
#include "search/strategy.h"

namespace vernier::experiments {

/// What the scheduler asks an executor to do.
struct Launch {
  int number = 0;
  Config config;
  int until = 0;      // budget in steps
  int decide_at = 0;  // first step that awaits a verdict; INT_MAX: none
  int committed = 0;  // steps already stored (replayed ones are reported again and compared)
  std::optional<engine::Checkpoint> checkpoint;
  std::optional<engine::Checkpoint> start;  // train.from, where no checkpoint serves
  std::uint64_t seed = 0;
  int fence = 0;                 // events of this stretch bear it
  std::optional<double> origin;  // deterministic searches: of the stretch that is continued
};

struct Measured {  // after every step
  int number = 0, step = 0;
  engine::Metrics results, timings;
  bool awaiting = false;  // the lane waits for answer()
  int fence = 0;  // of the launch; another one is of a stretch that was given up, and not heard
  std::vector<engine::Recorded> recorded{};  // train.record
};
struct Saved {  // a checkpoint, periodic or asked for
  int number = 0;
  engine::Checkpoint checkpoint;
  int fence = 0;
};
struct Ended {  // the stretch is over; the lane is free
  int number = 0;
  enum class How {
    completed,
    paused,
    stopped,
    failed,
    diverged,
    infeasible,
    lost
  } how = How::completed;                          // lost: with its device
  std::string reason;                              // of completed: where early stopping ended it
  std::optional<engine::Checkpoint> resume, best;  // paused: resume; completed: best
  std::string weights_hash;
  std::string log;  // external command: other lines, last 64 KB
  int fence = 0;
};
struct Heartbeat {
  int number = 0;
};
struct DeviceLost {
  std::string device, reason;
};
using ExecutorEvent = std::variant<Measured, Saved, Ended, Heartbeat, DeviceLost>;

struct Placement {
  std::string device, device_kind;
  std::optional<double> origin{};  // deterministic searches: virtual time of step 0
};

class Executor {
 public:
  virtual ~Executor() = default;
  /// A lane is free for this configuration now.
  virtual bool has_room(const Config& config) const = 0;
  /// Why it can never run (memory, shapes); nullopt where it can.
  virtual std::optional<std::string> infeasible(const Config& config) const = 0;
  /// Precondition: has_room(launch.config).
  virtual Placement start(const Launch& launch) = 0;
  /// Verdict for an awaiting lane, with its next decision step; proceed keeps the budget.
  virtual void answer(int number, search::Verdict verdict, int decide_at) = 0;
  /// Asks a lane to pause (exact, at the end of its current step) or stop, or drops it at once.
  enum class Halt { pause, stop, abandon };
  virtual void halt(int number, Halt how) = 0;
  /// Asks for a Saved event at the end of the lane's current step; executors whose trials keep their own state ignore it.
  virtual void save(int number) = 0;
  /// A trial that is about to start goes on from the state that paused trial `from` keeps itself (a program's folder). False: states are
  /// checkpoints only, and the caller copies those.
  virtual bool copy(int /*from*/, int /*to*/) { return false; }
  /// The next event; waits at most `seconds` for it (a simulated executor jumps to it instead).
  virtual std::optional<ExecutorEvent> next(double seconds) = 0;
  /// Places for trials now; 0: every device is lost.
  virtual int lanes() const = 0;
  /// Proposals that may wait beside a full executor for a lane that suits them. 0 where all lanes are alike (the CPU): a suggestion made
  /// later knows more.
  virtual int lookahead() const { return 0; }
  /// Bytes that the trials of all lanes may use together.
  virtual std::size_t memory() const { return SIZE_MAX; }
  /// How long a step takes against those of other configurations: a function of the configuration alone, > 0.
  virtual double pace(const Config& /*config*/) const { return 1; }
  /// A trial hangs in a thread that cannot be ended: the executor must not be destroyed.
  virtual bool stuck() const { return false; }
  /// parameters, flops, bytes: what is known of a configuration before it runs, and limited by `require`.
  virtual std::vector<std::pair<std::string, double>> facts(const Config& /*config*/) const {
    return {};
  }
};

}  // namespace vernier::experiments
