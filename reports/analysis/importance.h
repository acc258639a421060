// What mattered: the share of each parameter in the differences between trials, with its direction.
#pragma once
#include <string>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

struct ParamImportance {
  std::string name;
  double share = 0;  // of all parameters together, in [0, 1]
  int sign =
      0;  // +1: larger values are better, -1: smaller ones are, 0: neither (choices, or no clear direction)
};

/// Largest share first; empty with fewer than 3 ranked trials. Shares sum to 1, or are all 0 where nothing explains anything.
std::vector<ParamImportance> param_importance(const StudyData& data);

}  // namespace vernier::reports
