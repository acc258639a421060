// Trials trained by the engine in child processes, one per CPU job and one per GPU: a crash, a kill, exhausted memory or a failed device costs
// its stretches, not the search.
#pragma once
#include <deque>
#include <filesystem>
#include <memory>
#include <set>

#include "core/clock.h"
#include "experiments/scheduler/engine_executor.h"

namespace vernier::experiments {

/// A lane is a CPU slot with one trial at a time, or a GPU with many. Its worker is started when it first gets a trial and dies with this
/// process. Where one ends by itself, its trials end as lost and the lane's next trial gets a new one. A lane is given up (DeviceLost) when its workers die `most_deaths` times in a row without a
/// measurement, before they were ready or with different trials: a trial that kills every worker is the trial's fault, which `retries` ends.
class IsolatedExecutor final : public Executor {
 public:
  struct Options {
    std::vector<std::string> argv{"/proc/self/exe", "worker"};  // calls worker_main(0)
    std::vector<std::filesystem::path> data_dirs;
    double silence =
        60;  // seconds without a word of a training worker until it is killed; at least 10 times the longest so far
    int most_deaths = 3;
  };
  /// All but `options` outlive it.
  IsolatedExecutor(const Spec& spec, const engine::Engine& engine, Options options,
                   const Clock& clock);
  ~IsolatedExecutor() override;

  bool has_room(const Config& config) const override;
  std::optional<std::string> infeasible(const Config& config) const override;
  Placement start(const Launch& launch) override;
  void answer(int number, search::Verdict verdict, int decide_at) override;
  void halt(int number, Halt how) override;
  void save(int number) override;
  std::optional<ExecutorEvent> next(double seconds) override;
  int lanes() const override;
  std::size_t memory() const override { return memory_; }
  double pace(const Config& config) const override { return feasibility_.front().pace(config); }
  std::vector<std::pair<std::string, double>> facts(const Config& config) const override;
  /// Process ids of the workers that run now.
  std::vector<int> workers() const;

 private:
  struct Lane;
  Lane* find(int number);
  void spawn(Lane& lane);
  void wait(double seconds);
  void look(Lane& lane);
  void take(Lane& lane, const Json& message);
  void meet_silence(Lane& lane);
  void bury(Lane& lane, std::string reason);
  const engine::Estimate& estimate(const Lane& lane, const Config& config) const;
  Lane* lane_with_room(const Config& config) const;
  std::size_t largest_memory(bool gpu) const;

  const Spec& spec_;
  const Options options_;
  const Clock& clock_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::vector<Feasibility> feasibility_;  // of the GPUs, of the CPU; without GPUs of the CPU alone
  std::size_t memory_ = 0;                // of the largest lane
  std::size_t cpu_memory_ = 0;            // for the arenas of all CPU lanes together
  double longest_silence_ = 0;
  std::deque<ExecutorEvent> events_;
};

}  // namespace vernier::experiments
