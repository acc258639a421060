#include "engine/data/prepare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"

namespace vernier::engine {
namespace {

constexpr double deviation_floor = 1e-7;

double inverse_spread(double spread, double magnitude) {
  return spread > deviation_floor * std::max(1.0, magnitude) ? 1 / spread : 0;
}

/// Features f, f + period, f + 2 period, ... share their statistics, here and below.
Preparation standardize(std::span<const float> x, std::size_t features, std::size_t period) {
  std::vector<double> mean(period), spread(period);
  const double count = static_cast<double>(x.size() / period);
  const auto each = [&](auto&& visit) {
    for (std::size_t at = 0; at < x.size(); at += period) {
      for (std::size_t f = 0; f < period; ++f) visit(f, x[at + f]);
    }
  };
  each([&](std::size_t f, double value) { mean[f] += value; });
  for (double& m : mean) m /= count;
  // A second pass: no cancellation where the mean is large.
  each([&](std::size_t f, double value) { spread[f] += (value - mean[f]) * (value - mean[f]); });
  Preparation p{std::vector<double>(features), std::vector<double>(features)};
  for (std::size_t f = 0; f < features; ++f) {
    p.offset[f] = mean[f % period];
    p.scale[f] = inverse_spread(std::sqrt(spread[f % period] / count), std::fabs(p.offset[f]));
  }
  return p;
}

Preparation minmax(std::span<const float> x, std::size_t features, std::size_t period) {
  std::vector<float> least(period, std::numeric_limits<float>::infinity());
  std::vector<float> most(period, -std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < x.size(); ++i) {
    least[i % period] = std::min(least[i % period], x[i]);
    most[i % period] = std::max(most[i % period], x[i]);
  }
  Preparation p{std::vector<double>(features), std::vector<double>(features)};
  for (std::size_t f = 0; f < features; ++f) {
    const double low = least[f % period];
    p.offset[f] = low;
    p.scale[f] = inverse_spread(most[f % period] - low, std::fabs(low));
  }
  return p;
}

}  // namespace

void Preparation::apply(std::span<float> x) const {
  const std::size_t features = offset.size();
  for (std::size_t at = 0; at + features <= x.size(); at += features) {
    for (std::size_t f = 0; f < features; ++f)
      x[at + f] = static_cast<float>((x[at + f] - offset[f]) * scale[f]);
  }
}

Preparation fit_preparation(const std::string& normalize, std::span<const float> x,
                            std::span<const int> shape) {
  std::size_t features = 1;
  for (const int size : shape) features *= static_cast<std::size_t>(size);
  const std::size_t period = shape.size() == 3 ? static_cast<std::size_t>(shape[2]) : features;
  if (normalize == "standardize") return standardize(x, features, period);
  if (normalize == "minmax") return minmax(x, features, period);
  if (normalize == "none")
    return {std::vector<double>(features, 0.0), std::vector<double>(features, 1.0)};
  fail<UsageError>("[data.normalize] unknown name '{}'; expected none, minmax or standardize",
                   normalize);
}

}  // namespace vernier::engine
