#include "engine/cohort/measure.h"

#include <cmath>
#include <limits>

#include "core/error.h"

namespace vernier::engine {

std::pair<double, double> part_metrics(const Recipe& recipe, const Part& part, int outputs,
                                       double loss, std::int64_t correct) {
  const double mean_loss = loss / part.n;
  if (recipe.classes) return {mean_loss, static_cast<double>(correct) / part.n};
  // 1 - residual / total sum of squares, over all outputs; the loss is the mean over outputs.
  const auto columns = static_cast<std::size_t>(outputs);
  double total = 0;
  for (std::size_t k = 0; k < columns; ++k) {
    double mean = 0;
    for (std::size_t i = k; i < part.targets.size(); i += columns) mean += part.targets[i];
    mean /= part.n;
    for (std::size_t i = k; i < part.targets.size(); i += columns) {
      const double d = part.targets[i] - mean;
      total += d * d;
    }
  }
  const double residual = loss * static_cast<double>(outputs);
  return {mean_loss, total > 0 ? 1 - residual / total : 0.0};
}

Metrics step_results(const Recipe& recipe, const StepSums& sums, std::pair<double, double> valid,
                     double learning_rate, double weight_norm) {
  const double examples = static_cast<double>(sums.updates * recipe.batch);
  Metrics results{{"train_loss", sums.loss / examples}};
  if (recipe.classes)
    results.emplace_back("train_acc", static_cast<double>(sums.correct) / examples);
  results.emplace_back("val_loss", valid.first);
  results.emplace_back(recipe.classes ? "val_acc" : "val_r2", valid.second);
  results.emplace_back("lr", learning_rate);
  results.emplace_back("grad_norm", sums.norms / static_cast<double>(sums.updates));
  results.emplace_back("weight_norm", weight_norm);
  return results;
}

bool close_step(const Recipe& recipe, Progress& progress, MetricRow& row) {
  double value = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [name, number] : row.results) {
    if (name == recipe.metric) value = number;
    if ((name == "val_loss" || name == "weight_norm") && !std::isfinite(number))
      progress.diverged = true;
  }
  const bool best = !progress.diverged && progress.observe(recipe, value);
  row.step = progress.step;
  row.diverged = progress.diverged;
  row.ended = progress.ended;
  row.early = progress.early;
  return best;
}

Metrics step_timings(const Recipe& recipe, std::int64_t updates, double seconds, double trained) {
  return {{"seconds", seconds},
          {"examples_per_second", static_cast<double>(updates * recipe.batch) / trained},
          {"update_us", trained / static_cast<double>(updates) * 1e6}};
}

void require_test_part(const Dataset& data) {
  if (data.test.n < 1) {
    fail<UsageError>("[data.test] '{}' has no test part; expected at least one example", data.name);
  }
}

Metrics test_results(const Recipe& recipe, std::pair<double, double> metrics) {
  return {{"test_loss", metrics.first}, {recipe.classes ? "test_acc" : "test_r2", metrics.second}};
}

}  // namespace vernier::engine
