// Trials trained by the engine on GPUs in this process: a thread for each device, which computes its trials in cohorts of many lanes.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "experiments/scheduler/engine_executor.h"
#include "experiments/scheduler/event_queue.h"
#include "experiments/scheduler/executor.h"

namespace vernier::experiments {

/// Trials that may be lanes of one cohort (Engine::cohort_key) are computed together; others of the same device take turns with them, a
/// step each. A cohort grows when trials come, and shrinks where another needs the memory: its lanes are saved, and restored in one of another
/// size, which is exact. A device that fails is lost for good (DeviceLost), and its trials end as lost: in a process of its own (IsolatedExecutor) it
/// gets a successor.
class CohortExecutor final : public Executor {
 public:
  /// Trials at a time on one device, where neither `resources.jobs` nor its memory says less.
  static constexpr int most_lanes = 64;

  /// For the GPUs among chosen_devices(). All outlive it.
  CohortExecutor(const Spec& spec, const engine::Engine& engine);
  ~CohortExecutor() override;

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override;
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override;
  std::optional<ExecutorEvent> next(double seconds) override { return events_.pop(seconds); }
  int lanes() const override;
  std::size_t memory() const override;
  double pace(const Config& config) const override { return feasibility_->pace(config); }
  std::vector<std::pair<std::string, double>> facts(const Config& config) const override {
    return feasibility_->facts(config);
  }

 private:
  class Station;
  Station* station_with_room(const engine::Estimate& of) const;

  std::unique_ptr<Feasibility> feasibility_;
  EventQueue events_;
  std::vector<std::unique_ptr<Station>> stations_;  // last: their threads use all of the above
};

/// The GPUs that a study's resources name, each once; none where it is trained on the CPU. Throws as chosen_devices().
std::vector<engine::DeviceInfo> chosen_gpus(const engine::Engine& engine,
                                            const Resources& resources);
/// How many trials one of them computes at a time.
int lanes_of_gpu(const Resources& resources, std::size_t gpus);

}  // namespace vernier::experiments
