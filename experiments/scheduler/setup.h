// A study made ready to run: checked, its metric settled, its sampler, strategy and executor made.
#pragma once
#include <memory>
#include <vector>

#include "core/clock.h"
#include "core/log.h"
#include "experiments/scheduler/executor.h"
#include "experiments/scheduler/run.h"
#include "experiments/study/spec.h"
#include "search/space.h"
#include "search/strategy.h"

namespace vernier::experiments {

/// The strategy that the study names, with its sampler. Refers to `space`.
std::unique_ptr<search::Strategy> make_strategy(
    const Spec& spec, const search::Space& space,
    const std::vector<search::EarlierStudy>& earlier = {});

class Setup {
 public:
  /// Throws UsageError for everything that `check` finds: space, sampler, strategy, metric, data, shapes, a missing program.
  Setup(Spec spec, const RunOptions& options, const Log& log);
  ~Setup();

  const Spec& spec() const { return spec_; }
  const search::Space& space() const { return space_; }
  const engine::Engine& engine() const { return *engine_; }
  /// Random configurations of the space by its seed: at most `n`, fewer where it has fewer.
  std::vector<Config> samples(int n) const;
  /// Refers to this object's space.
  std::unique_ptr<search::Strategy> make_strategy(
      const std::vector<search::EarlierStudy>& earlier = {}) const {
    return experiments::make_strategy(spec_, space_, earlier);
  }
  /// Refers to this object. `clock` outlives it.
  std::unique_ptr<Executor> make_executor(const RunOptions& options, const Clock& clock) const;
  /// Trials at a time.
  int lanes() const;

 private:
  void settle_metric();
  void check_program() const;
  void check_cost(const RunOptions& options) const;
  void check_recordings(const std::vector<Config>& configs) const;
  void check_start(const Config& config, const engine::DeviceInfo& device,
                   const RunOptions& options, const Log& log) const;

  Spec spec_;
  search::Space space_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace vernier::experiments
