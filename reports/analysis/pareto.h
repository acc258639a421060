// What no other trial beats in everything.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// Per point: whether no other is at least as good in all of `costs` (smaller is better) and better in one. Equal points are on
/// the front together. Points with a NaN are not. O(n log n) for two costs, O(n^2) beyond.
std::vector<bool> pareto_front(const std::vector<std::vector<double>>& costs);

/// One axis of the trade-off plot: an objective, or a cost of the trial.
struct Tradeoff {
  std::string name;  // metric name, or parameters, flops, bytes, seconds
  bool maximize = false;
  bool objective = false;
  std::vector<double> value;  // per trial; NaN where unknown or not ranked
};

/// The study's objectives, the first first; then what its trials cost, where at least two ranked trials differ in it.
std::vector<Tradeoff> tradeoffs(const StudyData& data);

}  // namespace vernier::reports
