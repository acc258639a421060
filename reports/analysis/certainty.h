// How sure the best is: repeats of it, runners-up within the noise, and the optimism of having chosen.
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// Noise of a converged curve from one step to the next: the standard deviation of the first differences of its last third
/// (at least 6 points), divided by sqrt 2; their mean, a trend, is taken out. nullopt for shorter curves.
std::optional<double> fluctuation(std::span<const double> curve);

/// Mean of n values with its two-sided 95 % Student-t interval (half width); n >= 2.
struct MeanInterval {
  int n = 0;
  double mean = 0;
  double half_width = 0;
};
std::optional<MeanInterval> mean_interval(std::span<const double> values);

/// The other mean minus the first, with Welch's two-sided 95 % interval (half width).
struct Difference {
  double mean = 0;
  double half_width = 0;
};
Difference welch(const MeanInterval& first, const MeanInterval& other);

struct RunnerUp {
  std::size_t trial = 0;                // position in StudyData::trials
  double behind = 0;                    // >= 0, in units of the objective
  std::optional<MeanInterval> repeats;  // with its own repeats
  bool within_noise =
      false;  // its mean is no worse than the best's, or Welch's interval holds 0; without repeats: behind <= reach
};

struct Certainty {
  std::optional<MeanInterval> repeats;  // the best configuration with its repeats (other seeds)
  std::optional<double> noise;          // deviation of one value: over seeds, else of the curve
  bool noise_of_seeds =
      false;  // from >= 3 seeds; else the fluctuation of the best trial's curve, a lower bound
  std::vector<RunnerUp> runners_up;  // at most 5, best first
  std::optional<double> reach;  // 2 sqrt 2 noise: two values differ by more in about 5 of 100 cases
  int within_noise = 0;         // trials, of all, no further behind than `reach`
  std::optional<double> optimism;  // how much of the best value luck may have chosen (optimism.h)
};

Certainty certainty(const StudyData& data);

}  // namespace vernier::reports
