// One trial on one CPU core: its plan, its arena and its progress. Steps on the calling thread.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/cohort/lane_tensors.h"
#include "engine/cohort/measure.h"
#include "engine/cohort/progress.h"
#include "engine/cohort/recipe.h"
#include "engine/cpu/arena.h"
#include "engine/cpu/runner.h"
#include "engine/engine.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {

class CpuLane {
 public:
  /// Fresh weights, or continued from `from`: a lane's checkpoint, or weights alone (then only for test() and saving, or, with
  /// from->start, to start a training). `data` outlives it. Throws UsageError.
  CpuLane(Recipe recipe, const Dataset& data, const Checkpoint* from);

  /// Trains to the next measured step. nullopt where there is none left, or `cancel` became true.
  std::optional<MetricRow> advance(const std::atomic<bool>& cancel,
                                   const std::function<void()>& heartbeat);
  Checkpoint save(const std::string& device_kind) const;
  Checkpoint save_best(const std::string& device_kind) const;
  std::string weights_hash() const;
  Metrics test() const;
  /// (n, outputs) with the weights that save_best would keep, before the loss's own softmax or sigmoid.
  std::vector<float> outputs(const Part& part) const;

  const Plan& plan() const { return plan_; }
  std::size_t bytes() const { return arena_.bytes(); }
  /// One update alone, as advance() makes it: the summed loss of its batch. For benchmarks.
  cpu::LossSum update(double& gradient_norm);

 private:
  LaneTensors tensors() const;
  double apply_gradients();
  void start_epoch(std::int64_t epoch);
  void add_gradient_norms();
  Scene scene(std::int64_t updates) const;
  MetricRow measure(const StepSums& sums);
  void keep_best();
  /// Loss and accuracy (classes) or R^2 (numbers).
  std::pair<double, double> evaluate_metrics(const Part& part, const Weights& weights) const;
  float* region(const Region& r) const { return arena_.floats(r, 0); }

  Recipe recipe_;
  const Dataset& data_;
  Plan plan_;
  cpu::Arena arena_;
  cpu::Runner runner_;
  Progress progress_;
  std::optional<vernier::Shuffle> order_;
  std::int64_t epoch_ = -1;
  double learning_rate_ = 0;  // of the last update
  /// [begin, end) of the parameters that learn: all but those of frozen layers.
  std::vector<std::pair<std::size_t, std::size_t>> learning_;
  /// Where the gradients of each layer that learns lie, and the sum of their norms over the updates of this step; empty where nobody asks.
  std::vector<std::vector<std::pair<std::size_t, std::size_t>>> layers_;
  std::vector<double> gradient_norms_;
  /// Frozen layers' running statistics, first place and values.
  std::vector<std::pair<std::size_t, std::vector<float>>> kept_;
};

}  // namespace vernier::engine
