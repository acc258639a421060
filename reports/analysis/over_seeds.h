// The same search with other seeds: the median of their best so far, with an interval that assumes no distribution.
#pragma once
#include <span>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// The median of n values between two of them, counted from the ends: the narrowest [x(k), x(n + 1 - k)] that covers the
/// median of the distribution with at least 95 % (the sign test's interval; David and Nagaraja 2003, section 7.1). Under 6
/// values none does: then k = 1, and `coverage` says what their range covers, 1 - 2^(1 - n).
struct MedianInterval {
  int n = 0;
  double median = 0, low = 0, high = 0;
  double coverage = 0;  // in [0, 1]; 0 for one value
};
MedianInterval median_interval(std::span<const double> values);  // n >= 1, finite

/// Best so far over several studies (one arm, several seeds), as the user sees the values. At x[i] trials: the median and its
/// interval over the n[i] studies that have a value by then; only where all of them have one.
struct Envelope {
  std::vector<double> x;
  std::vector<double> median, low, high;
  int n = 0;            // studies
  double coverage = 0;  // of every interval
};

/// `by`: trials finished, steps trained by all trials, or seconds since the first trial started.
enum class Effort { trials, steps, wall };

/// On a grid of at most `points`: every trial where there are no more; beyond, spaced evenly in the square root, so that the start
/// is fine. It ends where the shortest of the studies ends.
Envelope best_over_seeds(std::span<const StudyData* const> studies, Effort by, int points = 120);

}  // namespace vernier::reports
