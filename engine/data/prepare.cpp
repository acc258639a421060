#include "engine/data/prepare.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/text.h"
#include "engine/settings.h"

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
  Preparation p{std::vector<double>(features), std::vector<double>(features), false, {}};
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
  Preparation p{std::vector<double>(features), std::vector<double>(features), false, {}};
  for (std::size_t f = 0; f < features; ++f) {
    const double low = least[f % period];
    p.offset[f] = low;
    p.scale[f] = inverse_spread(most[f % period] - low, std::fabs(low));
  }
  return p;
}

/// Each example by its own statistics.
void standardize_each(std::span<float> x, std::size_t features) {
  const double count = static_cast<double>(features);
  for (std::size_t at = 0; at + features <= x.size(); at += features) {
    const auto example = x.subspan(at, features);
    double mean = 0, squares = 0;
    for (const float value : example) mean += static_cast<double>(value);
    mean /= count;
    for (const float value : example) {
      const double d = static_cast<double>(value) - mean;
      squares += d * d;
    }
    const double deviation = std::max(std::sqrt(squares / count), 1 / std::sqrt(count));
    for (float& value : example)
      value = static_cast<float>((static_cast<double>(value) - mean) / deviation);
  }
}

}  // namespace

void Preparation::apply(std::span<float> x) const {
  const std::size_t features = offset.size();
  if (whitening) return whitening->apply(x);
  if (per_image) return standardize_each(x, features);
  for (std::size_t at = 0; at + features <= x.size(); at += features) {
    for (std::size_t f = 0; f < features; ++f)
      x[at + f] = static_cast<float>((x[at + f] - offset[f]) * scale[f]);
  }
}

bool Preparation::undo(std::span<float> x) const {
  if (whitening || per_image) return false;
  const std::size_t features = offset.size();
  for (std::size_t at = 0; features > 0 && at + features <= x.size(); at += features) {
    for (std::size_t f = 0; f < features; ++f) {
      const double value = static_cast<double>(x[at + f]);
      x[at + f] = static_cast<float>((scale[f] > 0 ? value / scale[f] : 0.0) + offset[f]);
    }
  }
  return true;
}

Preparation fit_preparation(const std::string& normalize, std::span<const float> x,
                            std::span<const int> shape) {
  std::size_t features = 1;
  for (const int size : shape) features *= static_cast<std::size_t>(size);
  const std::size_t period = shape.size() == 3 ? static_cast<std::size_t>(shape[2]) : features;
  if (normalize == "standardize") return standardize(x, features, period);
  if (normalize == "minmax") return minmax(x, features, period);
  Preparation p{std::vector<double>(features, 0.0), std::vector<double>(features, 1.0), false, {}};
  if (normalize == "none") return p;
  if (normalize == "channel_mean") {
    p.offset = standardize(x, features, period).offset;
    return p;
  }
  if (normalize == "per_image") {
    p.per_image = true;
    return p;
  }
  if (normalize == "whiten") {
    if (features > most_whitened)
      fail<UsageError>("[data.normalize] whiten with {} features; expected at most {}", features,
                       most_whitened);
    p.whitening = fit_whitening(x, features);
    return p;
  }
  fail<UsageError>("[data.normalize] unknown name '{}'; expected {}", printable(normalize),
                   join(normalizations(), ", "));
}

}  // namespace vernier::engine
