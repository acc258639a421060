// The best value found so far, against trials, steps and wall time.
#pragma once
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// A staircase: from x[i] on, the best value is best[i], found by trial number[i]. Only improvements are listed.
struct Staircase {
  std::vector<double> x;
  std::vector<double> best;
  std::vector<int> number;
  double end = 0;  // where the search stands: the last x of any finished trial
};

struct BestSoFar {
  Staircase by_trial;  // x: trials finished, in order of number (1, 2, ...)
  Staircase by_steps;  // x: steps trained by all trials, in the order in which they ended
  Staircase by_wall;   // x: seconds since the first trial started
};

/// Ranked trials improve; failed and diverged ones only advance x. Trials without an end time are in by_trial alone.
BestSoFar best_so_far(const StudyData& data);

}  // namespace vernier::reports
