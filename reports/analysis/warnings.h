// What a reader should know before believing the best trial.
#pragma once
#include <string>
#include <vector>

#include "reports/analysis/certainty.h"
#include "reports/analysis/ranges.h"
#include "reports/analysis/study_data.h"

namespace vernier::reports {

struct Warning {
  std::string kind;   // edge, failures, few_trials, optimism, running
  std::string param;  // of an edge
  std::string text;   // a sentence
};

/// A numeric parameter of the best trial within this share of the searched range (on its scale) of an end.
inline constexpr double kEdge = 0.03;

/// Edges: the best trial's value of a float or int parameter lies within kEdge of an end of its range (integers with fewer
/// than 4 values and ordinals: at no warning). Failures: more than a tenth of the finished trials have no value.
/// Too few trials: fewer than 10 ranked ones, or fewer than 5 a parameter. Optimism: from 20 ranked trials on.
std::vector<Warning> warnings(const StudyData& data, const std::vector<ParamRange>& ranges,
                              const Certainty& certainty);

}  // namespace vernier::reports
