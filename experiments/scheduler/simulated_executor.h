// Any number of unequal devices in virtual time, so that the scheduler itself is tested. Costs and curves come from a model: a function, or the
// trace of a recorded study (JSON lines {"trial","step","seconds","metrics"}).
#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/clock.h"
#include "experiments/scheduler/executor.h"

namespace vernier::experiments {

/// Moves only when the simulated executor advances it.
class VirtualClock final : public Clock {
 public:
  double monotonic() const override { return now_; }
  double wall() const override { return 1'700'000'000 + now_; }
  void advance_to(double time) { now_ = std::max(now_, time); }

 private:
  double now_ = 0;
};

struct SimulatedDevice {
  std::string name;
  double speed = 1;                 // steps take seconds / speed
  std::size_t memory = 0;           // bytes
  std::optional<double> lost_at{};  // virtual seconds
};

/// What a trial would do.
struct TrialModel {
  std::function<std::size_t(const Config&)> bytes;
  std::function<double(const Launch&, int step)> seconds;           // of one step at speed 1
  std::function<engine::Metrics(const Launch&, int step)> metrics;  // results at a step
};

/// Steps and seconds as recorded; the configuration does not matter, trial k replays the k-th recorded trial (in turn where there are more).
/// Throws UsageError with file and line.
TrialModel replay_trace(const std::filesystem::path& file, std::size_t bytes);

class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(std::vector<SimulatedDevice> devices, TrialModel model, VirtualClock& clock);

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override;
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override;
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override;
  int lookahead() const override { return 2; }

  /// Lane time that trials had, and lane time that memory would have allowed besides (places for the largest trial seen), in seconds.
  struct Usage {
    double busy = 0, idle = 0;
    double share() const { return busy + idle > 0 ? busy / (busy + idle) : 1; }
  };
  const Usage& usage() const { return usage_; }
  /// Times at which a device held more than its memory; stays 0.
  int overruns() const { return overruns_; }

 private:
  struct Lane {
    Launch launch;
    std::size_t device = 0, bytes = 0;
    int step = 0;
    double next_at = 0;  // when the next step ends; infinity while it awaits a verdict
    std::optional<Halt> halted;
  };
  std::optional<std::size_t> device_for(std::size_t bytes) const;
  void schedule(Lane& lane);
  void pass_time(double until);
  void finish(int number, Ended::How how, const std::string& reason);
  void step(int number);
  void lose(std::size_t device);
  engine::Checkpoint checkpoint(const Lane& lane) const;

  std::vector<SimulatedDevice> devices_;
  std::vector<std::size_t> used_;
  std::vector<bool> alive_;
  TrialModel model_;
  VirtualClock& clock_;
  std::map<int, Lane> lanes_;  // by trial number
  std::vector<ExecutorEvent> events_;
  std::size_t largest_ = 0;
  Usage usage_;
  int overruns_ = 0;
};

}  // namespace vernier::experiments
