#include "reports/analysis/paired.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "core/stats.h"

namespace vernier::reports {

namespace {

constexpr std::size_t kMostExact = 40;

/// The sums of all 2^n choices of signs, increasing.
std::vector<double> signed_sums(std::span<const double> sizes) {
  std::vector<double> sums{0.0};
  for (const double size : sizes) {
    const std::size_t n = sums.size();
    for (std::size_t i = 0; i < n; ++i) sums.push_back(sums[i] + size);
    for (std::size_t i = 0; i < n; ++i) sums[i] -= size;
  }
  std::sort(sums.begin(), sums.end());
  return sums;
}

}  // namespace

std::optional<double> sign_flip_p(std::span<const double> differences) {
  if (differences.empty() || differences.size() > kMostExact) return std::nullopt;
  double total = 0, sizes = 0;
  for (const double d : differences) {
    if (!std::isfinite(d)) return std::nullopt;
    total += d;
    sizes += std::abs(d);
  }
  if (!std::isfinite(sizes)) return std::nullopt;
  const double bound = std::abs(total) - 1e-12 * sizes;
  const std::size_t half = differences.size() / 2;
  const auto left = signed_sums(differences.first(half));
  const auto right = signed_sums(differences.subspan(half));
  // Sums come in pairs of opposite sign: those at least as large as the bound, twice; everything where the bound is 0.
  if (bound <= 0) return 1.0;
  std::uint64_t beyond = 0;
  std::size_t first =
      right.size();  // right[first ...] reaches the bound together with the current left
  for (const double sum : left) {
    while (first > 0 && sum + right[first - 1] >= bound) --first;
    beyond += right.size() - first;
  }
  return 2 * std::ldexp(static_cast<double>(beyond), -static_cast<int>(differences.size()));
}

double least_sign_flip_p(int n) { return n < 1 ? 1.0 : std::min(1.0, std::ldexp(2.0, -n)); }

Verdict Paired::verdict() const {
  if (!half_width || !(*half_width > 0)) return Verdict::undecided;
  if (mean - *half_width > 0) return Verdict::better;
  if (mean + *half_width < 0) return Verdict::worse;
  return Verdict::undecided;
}

Paired paired(std::span<const double> differences) {
  std::vector<double> finite;
  std::copy_if(differences.begin(), differences.end(), std::back_inserter(finite),
               [](double d) { return std::isfinite(d); });
  Paired result;
  result.n = static_cast<int>(finite.size());
  if (finite.empty()) return result;
  result.mean = mean(finite);
  result.p = sign_flip_p(finite);
  if (finite.size() < 2) return result;
  const auto n = static_cast<double>(finite.size());
  result.deviation = std::sqrt(variance(finite));
  result.half_width = student_t_quantile(0.975, n - 1) * *result.deviation / std::sqrt(n);
  return result;
}

std::optional<int> pairs_to_decide(double mean, double deviation, int most) {
  if (!(std::abs(mean) > 0) || !(deviation >= 0)) return std::nullopt;
  for (int n = 2; n <= most; ++n) {
    if (student_t_quantile(0.975, n - 1) * deviation / std::sqrt(n) < std::abs(mean)) return n;
  }
  return std::nullopt;
}

}  // namespace vernier::reports
