// Quantile bands of a metric over all trials, step by step.
#pragma once
#include <string>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// At steps[i], over the count[i] trials that measured a finite value there: quantiles 10, 25, 50, 75 and 90 % (type 7).
struct Bands {
  std::vector<int> steps;
  std::vector<int> count;
  std::vector<double> q10, q25, q50, q75, q90;
};

/// Steps with fewer than `least` trials are left out: their quantiles would be those trials themselves.
Bands quantile_bands(const StudyData& data, const std::string& metric, int least = 5);

}  // namespace vernier::reports
