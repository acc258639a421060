#include "search/gp/trust_region.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vernier::search::gp {
namespace {

constexpr double first_side = 0.8, largest_side = 1.6, least_side = 1.0 / 128;
constexpr int enough_successes = 3, least_failures = 4;

}  // namespace

double region_side(const std::vector<double>& values, int dimensions) {
  const int enough_failures = std::max(least_failures, dimensions);
  double side = first_side, best = std::numeric_limits<double>::infinity();
  int successes = 0, failures = 0;
  for (const double value : values) {
    const bool better = value < best - 1e-3 * std::fabs(best == HUGE_VAL ? 0.0 : best);
    best = std::min(best, value);
    successes = better ? successes + 1 : 0;
    failures = better ? 0 : failures + 1;
    if (successes == enough_successes) {
      side = std::min(2 * side, largest_side);
      successes = 0;
    } else if (failures == enough_failures) {
      side /= 2;
      failures = 0;
    }
    if (side < least_side) side = first_side;
  }
  return side;
}

Region make_region(const Embedding& embedding, const Point& centre,
                   const std::vector<double>& lengthscales, double side) {
  double mean = 0;
  for (const double l : lengthscales)
    mean += std::log(l) / static_cast<double>(lengthscales.size());
  Region out{centre, {}, {}};
  for (std::size_t i = 0; i < lengthscales.size(); ++i) {
    const double half = side / 2 * std::exp(std::log(lengthscales[i]) - mean);
    const double at = centre.unit[static_cast<std::size_t>(embedding.axes()[i].parameter)];
    out.lower.push_back(std::max(0.0, at - half));
    out.upper.push_back(std::min(1.0, at + half));
  }
  return out;
}

}  // namespace vernier::search::gp
