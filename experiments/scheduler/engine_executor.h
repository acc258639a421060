// Trials trained by the engine in this process: one lane per job, each a oneTBB task on its own core.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "experiments/scheduler/event_queue.h"
#include "experiments/scheduler/executor.h"
#include "experiments/study/require.h"

namespace vernier::experiments {

/// Facts of one configuration on one kind of device; estimates are remembered, since a configuration is asked about several times.
class Feasibility {
 public:
  Feasibility(const Spec& spec, const engine::Engine& engine, engine::DeviceInfo device);
  const engine::Estimate& estimate(const Config& config) const;
  /// Broken limits of `require`, or what the planner says.
  std::optional<std::string> infeasible(const Config& config, std::size_t memory) const;
  std::vector<std::pair<std::string, double>> facts(const Config& config) const;
  /// See Executor::pace.
  double pace(const Config& config) const;

 private:
  const Spec& spec_;
  const engine::Engine& engine_;
  engine::DeviceInfo device_;
  Requirements limits_;
  mutable std::string key_;
  mutable engine::Estimate estimate_;
};

/// The devices that a study's resources name: one per job. Throws UsageError where there are none such.
std::vector<engine::DeviceInfo> chosen_devices(const engine::Engine& engine,
                                               const Resources& resources);

/// Ended::reason of a training that early stopping has completed.
inline std::string early_stopping_at(int step) {
  return "early stopping at step " + std::to_string(step);
}

/// A trial whose updates stop is asked to end, and where its thread does not answer it fails and the lane is given up: a thread cannot
/// be killed. Isolated trials can, and are retried.
class EngineExecutor final : public Executor {
 public:
  /// All outlive it. `silence`: seconds without an update until a trial counts as hung; at least 10 times the longest so far.
  EngineExecutor(const Spec& spec, const engine::Engine& engine, double silence = 60);
  ~EngineExecutor() override;

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override;
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override;
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override;
  bool stuck() const override { return lanes() < static_cast<int>(slots_.size()); }
  std::size_t memory() const override { return memory_; }
  double pace(const Config& config) const override { return feasibility_->pace(config); }
  std::vector<std::pair<std::string, double>> facts(const Config& config) const override;

 private:
  struct Slot;
  struct Threads;
  Slot* find(int number);
  // engine_training.cpp, on the slots' threads
  void train(Slot& slot);
  bool go_on(Slot& slot, Ended& ended);
  void admit(Slot& slot);
  static void complete(Slot& slot, Ended& ended);
  static bool leave(Slot& slot, Halt how, Ended& ended);
  void publish(Slot& slot, ExecutorEvent event);
  void meet_silence();
  std::size_t used() const;

  const Spec& spec_;
  const engine::Engine& engine_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::unique_ptr<Feasibility> feasibility_;
  std::size_t memory_ = 0;  // for the arenas of all lanes together
  EventQueue events_;
  double silence_;
  std::atomic<double> longest_{0};    // seconds between two updates
  std::unique_ptr<Threads> threads_;  // last: its tasks use all of the above
};

}  // namespace vernier::experiments
