// All that one trial's training is, resolved from its settings and the shape of its data: names become enumerations, epochs become
// updates. A pure function, so that estimates, cohorts and benchmarks agree.
#pragma once
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/log.h"
#include "core/rng.h"
#include "engine/data/dataset.h"
#include "engine/ir/architecture.h"
#include "engine/math/augment.h"
#include "engine/math/losses.h"
#include "engine/math/optimizers.h"
#include "engine/math/precision.h"
#include "engine/math/schedules.h"
#include "engine/plan/plan.h"

namespace vernier::engine {

/// What a recipe needs to know of a data set.
struct DataShape {
  Shape input;
  int classes = 0;  // 0: regression
  int outputs = 0;
  int train = 0, valid = 0;
  std::vector<std::string> class_names;  // one each
};
DataShape shape_of(const Dataset& data);

/// What train.record asks for, where it has an effect (engine/recorded).
struct RecordRule {
  std::vector<std::string> kinds;
  std::vector<std::string> metrics;  // that they add to every step
  int every = 1;                     // steps from a picture to the next
  /// The first step has pictures, then every `every`-th, and the last.
  bool due(int step, bool last) const { return last || step == 1 || step % every == 0; }
  bool has(std::string_view kind) const {
    return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
  }
};

struct Recipe {
  Architecture architecture;
  bool classes = true;
  Loss loss = Loss::cross_entropy;
  Optimizer optimizer = Optimizer::adam;
  OptimizerHyper hyper;
  Precision precision = Precision::fp32;
  ScheduleRule schedule;
  double clip_norm = 0, smoothing = 0, average = 0;
  AugmentRule augment;
  EarlyStopSettings early_stop;
  std::string
      metric;  // of best step, early stopping and plateau; empty: a timing, for which the last step counts as best
  bool maximize = true;
  int batch = 1;
  int examples = 1;  // in the training part
  int measures_per_epoch = 1;
  std::int64_t updates_per_epoch = 1;
  int epochs = 1;
  std::uint64_t seed = 0;
  std::uint32_t repeat = 0;
  std::vector<std::string> frozen;  // layers that stay as they are
  RecordRule record;
  std::string new_head;  // a layer that does not take the weights a training starts with

  int steps() const { return epochs * measures_per_epoch; }
  std::int64_t updates() const { return updates_per_epoch * epochs; }
  /// Updates done when step `step` (0: none) is over. An epoch of U updates is cut at floor(U i / measures_per_epoch).
  std::int64_t updates_at(int step) const;
  RngKey key(Stream stream) const { return {seed, stream, repeat}; }
  /// Plan of one lane on the CPU.
  PlanOptions plan_options(int valid_examples) const;
};

/// Throws UsageError, its text starting with the dotted name. B > n is cut to n with a warning.
Recipe make_recipe(const TrialSettings& settings, const DataShape& data, const Log& log);

/// Metrics of a trial: results, then timings.
std::vector<std::string> result_names(bool classes);
const std::vector<std::string>& timing_names();

/// Equal for trials that may share a cohort: topology, batch size, loss, activations, optimizer, data with preparation. Widths count
/// where `widths` (a GPU buckets them; on the CPU each lane keeps its own). Rates, learning rates, seeds and the like never count.
std::string fusion_key(const TrialSettings& settings, const Recipe& recipe, bool widths);

}  // namespace vernier::engine
