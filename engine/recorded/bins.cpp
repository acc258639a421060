#include "engine/recorded/bins.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vernier::engine {
namespace {

constexpr double most_bins = 50;

/// digit * 10^exponent; multiples of it are the doubles nearest to the decimal numbers.
struct Step {
  double digit = 1;
  int exponent = 0;
  double times(double k) const {
    return exponent >= 0 ? k * digit * std::pow(10, exponent) : k * digit / std::pow(10, -exponent);
  }
};

Step round_step(double least) {
  Step step;
  step.exponent = static_cast<int>(std::floor(std::log10(least)));
  for (const double digit : {1.0, 2.0, 5.0, 10.0}) {
    step.digit = digit;
    if (step.times(1) >= least) break;
  }
  return step;
}

}  // namespace

std::optional<Bins> make_bins(std::span<const float> values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, static_cast<double>(v));
    high = std::max(high, static_cast<double>(v));
  }
  if (low > high) return std::nullopt;
  // Values all alike get a bin that is wide against what tells floats apart.
  const double least = std::max({high - low, std::fabs(low) * 1e-4, 1e-30});
  const Step step = round_step(least / most_bins);
  const double first = std::floor(low / step.times(1)) - 1;
  Bins bins;
  for (double k = first; bins.edges.empty() || bins.edges.back() <= high; ++k) {
    const double edge = step.times(k);
    if (edge <= low) bins.edges.clear();
    bins.edges.push_back(edge);
  }
  bins.counts.resize(bins.edges.size() - 1);
  for (const float v : values) {
    if (!std::isfinite(v)) continue;
    const auto above =
        std::upper_bound(bins.edges.begin(), bins.edges.end(), static_cast<double>(v));
    ++bins.counts[static_cast<std::size_t>(above - bins.edges.begin()) - 1];
  }
  return bins;
}

}  // namespace vernier::engine
