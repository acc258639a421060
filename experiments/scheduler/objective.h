// The value of one trial so far: its metrics reduced over steps as the study says. The sign is flipped here and nowhere else.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "experiments/scheduler/flipped.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

class Objective {
 public:
  explicit Objective(const std::vector<MetricSpec>& metrics);

  /// Steps come in order. Numbers that are not finite are skipped.
  void add(int step, const engine::Metrics& results);
  /// Of metric `k`, as the user sees it: best so far, last, or the mean of the last N. nullopt: never reported.
  std::optional<double> value(std::size_t k = 0) const;
  /// Of the first metric, smaller is better.
  std::optional<double> minimised() const;
  /// All of them, smaller is better, where the study has several and all were reported; else none.
  std::vector<double> all_minimised() const;
  /// All of them where the study has several, else none.
  std::vector<double> all() const;
  /// The first step with the best value of the first metric.
  std::optional<int> best_step() const;

 private:
  struct Series {
    MetricSpec metric;
    std::size_t window = 1;  // of mean_last_N
    std::vector<double> last;
    std::optional<double> best;
    int best_step = 0;
  };
  std::vector<Series> series_;
};

}  // namespace vernier::experiments
