// Devices, trials and time that exist in numbers only: the loop itself can be tested, and recorded studies replayed on any machine.
#pragma once
#include <functional>
#include <iosfwd>
#include <map>
#include <queue>

#include "core/clock.h"
#include "experiments/scheduler/executor.h"

namespace vernier::experiments {

/// Time that the simulated executor moves.
class VirtualClock final : public Clock {
 public:
  double monotonic() const override { return seconds_; }
  double wall() const override { return 1.6e9 + seconds_; }
  void advance_to(double seconds) { seconds_ = seconds > seconds_ ? seconds : seconds_; }

 private:
  double seconds_ = 0;
};

struct SimulatedDevice {
  std::string name, kind;
  double speed = 1;          // steps are that much faster
  std::size_t memory = 0;    // bytes
  double lost_at = -1;       // virtual seconds; < 0: never
  int most_lanes = 1 << 20;  // beside what memory allows
};

struct SimulatedStep {
  double seconds = 1;  // on a device of speed 1
  engine::Metrics results;
};

/// What a configuration costs and measures. Functions of the configuration alone, so that replayed steps are equal.
struct SimulatedObjective {
  int steps = 1;                                               // of a full training
  std::function<std::size_t(const Config&)> bytes;             // of its lane
  std::function<SimulatedStep(const Config&, int step)> step;  // 1-based
  /// From recorded traces: JSON lines {"trial", "step", "seconds", "metrics"}; the configuration names its trial in `trial`.
  static SimulatedObjective from_traces(std::istream& lines);
};

/// Occupancy of lanes (places that memory allows) in virtual time.
struct Occupancy {
  double busy = 0;  // lane-seconds with a trial
  double idle = 0;  // lane-seconds free in which a waiting trial would have fitted
  std::map<std::string, std::size_t> most_bytes;  // per device, the largest use at any time
};

class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(SimulatedObjective objective, std::vector<SimulatedDevice> devices,
                    VirtualClock& clock);

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override;
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override;
  /// Jumps to the next event, however long that is, where `seconds` is above 0; nullopt where nothing runs.
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override;
  int lookahead() const override { return 2 * static_cast<int>(devices_.size()); }

  /// A lane counts as idle from the moment it is free until something starts, where `smallest` bytes would fit.
  const Occupancy& occupancy() const { return occupancy_; }
  void count_idle_for(std::size_t smallest) { smallest_ = smallest; }

 private:
  struct Device {
    SimulatedDevice info;
    std::size_t used = 0;
    int running = 0;
    bool lost = false;
  };
  struct Lane {
    Launch launch;
    std::size_t device = 0, bytes = 0;
    int step = 0;
    double done_at = 0;  // of the step under way
    bool waits = false;  // for a verdict
    bool save = false;
    std::optional<Halt> halt;
  };

  std::optional<std::size_t> place(std::size_t bytes) const;
  void look(double until);  // integrates occupancy
  void begin_step(Lane& lane);
  void end_step(int number);
  void lose(std::size_t device);
  void leave(int number, Ended::How how, const std::string& reason = "");
  engine::Checkpoint checkpoint(const Lane& lane) const;

  SimulatedObjective objective_;
  std::vector<Device> devices_;
  VirtualClock& clock_;
  std::map<int, Lane> lanes_;
  std::queue<ExecutorEvent> events_;
  Occupancy occupancy_;
  std::size_t smallest_ = 0;
  double looked_ = 0;
};

}  // namespace vernier::experiments
