#include "search/gp/output_transform.h"

#include <algorithm>
#include <cmath>

#include "core/stats.h"

namespace vernier::search::gp {
namespace {

void half_gaussian(std::vector<double>& y) {
  const double m = median(y);
  double good_sum = 0, all_sum = 0;
  std::vector<double> bad;
  for (const double v : y) {
    const double square = (v - m) * (v - m);
    all_sum += square;
    if (v > m)
      bad.push_back(v);
    else
      good_sum += square;
  }
  double sigma = std::sqrt(good_sum / static_cast<double>(y.size() - bad.size()));
  if (sigma == 0) sigma = std::sqrt(all_sum / static_cast<double>(y.size()));
  const std::vector<double> rank = ranks(bad);
  std::size_t next = 0;
  for (double& v : y) {
    if (!(v > m)) continue;
    const double share = (rank[next++] - 0.5) / static_cast<double>(bad.size());
    v = m + sigma * normal_quantile(0.5 + share / 2);
  }
}

/// The factor by which differences change.
double standardise(std::vector<double>& y) {
  const double centre = mean(y);
  double square = 0;
  for (double& v : y) {
    v -= centre;
    square += v * v / static_cast<double>(y.size());
  }
  for (double& v : y) v = square > 1e-24 ? v / std::sqrt(square) : 0.0;
  return square > 1e-24 ? 1 / std::sqrt(square) : 0.0;
}

std::vector<double> finite_ones(std::span<const std::optional<double>> values) {
  std::vector<double> good;
  for (const auto& v : values)
    if (v && std::isfinite(*v)) good.push_back(*v);
  return good;
}

/// `good` in place of the finite values, failures above them; standardised.
std::vector<double> with_failures(std::span<const std::optional<double>> values,
                                  const std::vector<double>& good, double* factor = nullptr) {
  const auto [low, high] = std::minmax_element(good.begin(), good.end());
  const double range = *high - *low, failure = *high + (range > 0 ? range / 4 : 1.0);
  std::vector<double> out(values.size());
  std::size_t next = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    out[i] = values[i] && std::isfinite(*values[i]) ? good[next++] : failure;
  const double by = standardise(out);
  if (factor != nullptr) *factor = by;
  return out;
}

/// Squares must not overflow.
double shrink(std::vector<double>& values) {
  double largest = 0;
  for (const double v : values) largest = std::max(largest, std::fabs(v));
  if (largest <= 1e100) return 1;
  for (double& v : values) v /= largest;
  return largest;
}

}  // namespace

std::vector<double> transform_outputs(std::span<const std::optional<double>> values,
                                      double* factor) {
  std::vector<double> good = finite_ones(values);
  if (good.empty()) return std::vector<double>(values.size(), 0.0);
  const double scale = shrink(good);
  half_gaussian(good);
  std::vector<double> out = with_failures(values, good, factor);
  if (factor != nullptr) *factor /= scale;
  return out;
}

std::vector<double> transform_objective(std::span<const std::optional<double>> values, double low,
                                        double high) {
  std::vector<double> good = finite_ones(values);
  if (good.empty()) return std::vector<double>(values.size(), 0.0);
  const double scale = shrink(good), range = high / scale - low / scale;
  const double knee = high / scale + range;
  if (range > 0)
    for (double& v : good)
      if (v > knee) v = knee + range * std::log1p((v - knee) / range);
  return with_failures(values, good);
}

std::vector<double> transform_margins(std::span<const std::optional<double>> values) {
  std::vector<double> out, sizes;
  for (const auto& v : values) out.push_back(v.value_or(0.0));
  shrink(out);
  for (const double v : out)
    if (v != 0) sizes.push_back(std::fabs(v));
  if (sizes.empty()) return out;
  const double typical = median(sizes);
  double square = 0;
  for (double& v : out) {
    v = std::copysign(std::log1p(std::fabs(v) / typical), v);
    square += v * v / static_cast<double>(out.size());
  }
  for (double& v : out) v /= std::sqrt(square);
  return out;
}

}  // namespace vernier::search::gp
