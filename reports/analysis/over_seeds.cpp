#include "reports/analysis/over_seeds.h"

#include <algorithm>
#include <cmath>

#include "core/stats.h"
#include "reports/analysis/best_so_far.h"

namespace vernier::reports {

namespace {

/// P(Binomial(n, 1/2) < k), exactly enough for n up to thousands.
double lower_tail(int n, int k) {
  double sum = 0;
  for (int i = 0; i < k; ++i) {
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) -
                    n * std::log(2.0));
  }
  return sum;
}

const Staircase& staircase(const BestSoFar& best, Effort by) {
  return by == Effort::trials ? best.by_trial : by == Effort::steps ? best.by_steps : best.by_wall;
}

/// NaN before the first value.
double value_at(const Staircase& stairs, double x) {
  const auto after = std::upper_bound(stairs.x.begin(), stairs.x.end(), x);
  if (after == stairs.x.begin()) return std::nan("");
  return stairs.best[static_cast<std::size_t>(after - stairs.x.begin()) - 1];
}

}  // namespace

MedianInterval median_interval(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  MedianInterval result;
  result.n = static_cast<int>(sorted.size());
  result.median = median(sorted);
  int k = 1;
  // Larger k: narrower. Coverage of [x(k), x(n + 1 - k)] is 1 - 2 P(B < k).
  while (k + 1 <= result.n / 2 && 1 - 2 * lower_tail(result.n, k + 1) >= 0.95) ++k;
  result.coverage = result.n < 2 ? 0 : 1 - 2 * lower_tail(result.n, k);
  result.low = sorted[static_cast<std::size_t>(k) - 1];
  result.high = sorted[sorted.size() - static_cast<std::size_t>(k)];
  return result;
}

Envelope best_over_seeds(std::span<const StudyData* const> studies, Effort by, int points) {
  Envelope result;
  std::vector<Staircase> stairs;
  for (const StudyData* study : studies) {
    stairs.push_back(staircase(best_so_far(*study), by));
    if (stairs.back().x.empty()) stairs.pop_back();
  }
  if (stairs.empty()) return result;
  result.n = static_cast<int>(stairs.size());
  double first = 0, end = stairs.front().end;
  for (const auto& each : stairs) {
    first = std::max(first, each.x.front());
    end = std::min(end, each.end);
  }
  if (end < first) return result;
  std::vector<double> grid;
  if (by == Effort::trials && end - first < points) {
    for (double x = first; x <= end; ++x) grid.push_back(x);
  } else {
    for (int i = 0; i < points; ++i) {
      const double root = std::sqrt(first) + (std::sqrt(end) - std::sqrt(first)) * i / (points - 1);
      const double x = i + 1 == points ? end : root * root;
      const double at = by == Effort::trials ? std::floor(x + 1e-9) : x;
      if (grid.empty() || at > grid.back()) grid.push_back(at);
    }
  }
  for (const double x : grid) {
    std::vector<double> values;
    for (const auto& each : stairs) {
      const double value = value_at(each, x);
      if (!std::isnan(value)) values.push_back(value);
    }
    if (values.size() != stairs.size()) continue;
    const MedianInterval at = median_interval(values);
    result.x.push_back(x);
    result.median.push_back(at.median);
    result.low.push_back(at.low);
    result.high.push_back(at.high);
    result.coverage = at.coverage;
  }
  return result;
}

}  // namespace vernier::reports
