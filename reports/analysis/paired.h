// Two treatments on the same seeds: the mean difference with its interval, and an exact p-value that assumes no distribution.
#pragma once
#include <optional>
#include <span>

namespace vernier::reports {

/// Two-sided exact p-value of the mean of paired differences (Fisher 1935, The Design of Experiments, section 21): the share of
/// the 2^n assignments of signs whose sum is at least as far from 0. Assumes only that under equality each difference is as
/// likely positive as negative. Differences that are equal to 1e-12 of their sum of sizes count as ties, which are included.
/// Exact for n <= 40 by two halves that meet in the middle; nullopt for n = 0 and beyond 40, where Student's t serves.
std::optional<double> sign_flip_p(std::span<const double> differences);

/// The least p-value that n pairs can give: 2 / 2^n. Under 6 pairs it stays above 0.05.
double least_sign_flip_p(int n);

enum class Verdict { better, worse, undecided };

struct Paired {
  int n = 0;                         // pairs
  double mean = 0;                   // of the differences; 0 without pairs
  std::optional<double> deviation;   // of the differences (n - 1); n >= 2
  std::optional<double> half_width;  // 95 % Student-t interval of the mean; n >= 2
  std::optional<double> p;           // sign_flip_p

  /// better: the whole interval lies above 0; worse: below. Without an interval, or where it holds 0: undecided. An interval of
  /// width 0 decides nothing either: equal differences in a few pairs say that the seeds had no effect, not how sure this is.
  Verdict verdict() const;
};

/// `differences`: of each pair, positive where the first is better. Values that are not finite are left out.
Paired paired(std::span<const double> differences);

/// Pairs at which an interval of this deviation would exclude 0, if the mean stays: the least n with
/// t(0.975, n - 1) deviation / sqrt n < |mean|; nullopt above `most`, or where the mean is 0.
std::optional<int> pairs_to_decide(double mean, double deviation, int most = 1000);

}  // namespace vernier::reports
