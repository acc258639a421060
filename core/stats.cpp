#include "core/stats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace vernier {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

bool any_nan(std::span<const double> x) {
  return std::any_of(x.begin(), x.end(), [](double v) { return std::isnan(v); });
}

}  // namespace

double mean(std::span<const double> x) {
  if (x.empty()) return nan;
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double variance(std::span<const double> x) {
  if (x.size() < 2) return 0;
  const double centre = mean(x);
  double sum = 0;
  for (const double v : x) sum += (v - centre) * (v - centre);
  return sum / static_cast<double>(x.size() - 1);
}

double quantile(std::span<const double> x, double p) {
  if (x.empty() || any_nan(x) || !(p >= 0 && p <= 1)) return nan;
  std::vector<double> sorted(x.begin(), x.end());
  const double at = p * static_cast<double>(x.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(at);
  std::nth_element(sorted.begin(), sorted.begin() + low, sorted.end());
  const double below = sorted[static_cast<std::size_t>(low)];
  const double share = at - static_cast<double>(low);
  if (share == 0) return below;
  const double above = *std::min_element(sorted.begin() + low + 1, sorted.end());
  return below == above ? below : below + share * (above - below);
}

double median(std::span<const double> x) { return quantile(x, 0.5); }

std::vector<double> ranks(std::span<const double> x) {
  std::vector<std::size_t> order(x.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // NaN sorts last: a comparison that is not an order would be undefined behaviour.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    if (std::isnan(x[a]) || std::isnan(x[b])) return !std::isnan(x[a]) && std::isnan(x[b]);
    return x[a] < x[b];
  });
  std::vector<double> result(x.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t last = first;
    while (last + 1 < order.size() && x[order[last + 1]] == x[order[first]]) ++last;
    const double rank = 1 + 0.5 * static_cast<double>(first + last);
    for (; first <= last; ++first) result[order[first]] = rank;
  }
  return result;
}

double pearson(std::span<const double> x, std::span<const double> y) {
  if (x.size() != y.size()) {
    fail("[pearson] samples of {} and {} values; expected equal sizes", x.size(), y.size());
  }
  if (x.size() < 2) return nan;
  const double mx = mean(x), my = mean(y);
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mx) * (x[i] - mx);
    yy += (y[i] - my) * (y[i] - my);
    xy += (x[i] - mx) * (y[i] - my);
  }
  const double r = xy / (std::sqrt(xx) * std::sqrt(yy));
  return std::isnan(r) ? nan : std::clamp(r, -1.0, 1.0);
}

double spearman(std::span<const double> x, std::span<const double> y) {
  if (any_nan(x) || any_nan(y)) return nan;
  return pearson(ranks(x), ranks(y));
}

}  // namespace vernier
