// From the sums of a step to its row, whatever back end computed them.
#pragma once
#include <cstdint>
#include <utility>

#include "engine/cohort/progress.h"
#include "engine/cohort/recipe.h"
#include "engine/data/dataset.h"
#include "engine/engine.h"

namespace vernier::engine {

/// Of a step's updates: loss and correct answers over their examples, norms of their gradients.
struct StepSums {
  double loss = 0, norms = 0;
  std::int64_t correct = 0, updates = 0;
};

/// Of a part: mean loss, and accuracy (classes) or R^2 (numbers), from the sums over its examples.
std::pair<double, double> part_metrics(const Recipe& recipe, const Part& part, int outputs,
                                       double loss, std::int64_t correct);

/// result_names() of the step; `valid` as part_metrics gives it, of NaN where the training has diverged.
Metrics step_results(const Recipe& recipe, const StepSums& sums, std::pair<double, double> valid,
                     double learning_rate, double weight_norm);

/// The step is over: progress and the row's flags from its results. True where it is the best so far.
bool close_step(const Recipe& recipe, Progress& progress, MetricRow& row);

/// timing_names() of a step: `trained` of its `seconds` without evaluation.
Metrics step_timings(const Recipe& recipe, std::int64_t updates, double seconds, double trained);

/// Throws UsageError where there is none.
void require_test_part(const Dataset& data);
/// test_loss, and test_acc or test_r2.
Metrics test_results(const Recipe& recipe, std::pair<double, double> metrics);

}  // namespace vernier::engine
