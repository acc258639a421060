#include "search/tpe/parzen.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "core/stats.h"

namespace vernier::search::tpe {
namespace {

constexpr std::size_t full_weights = 25;
constexpr double prior_width = 1;
constexpr double base_width = 0.05, least_width = 0.01;

double cdf(double z) { return 0.5 * std::erfc(-z * M_SQRT1_2); }

/// Mass of the standard normal in [a, b], a <= b, without cancellation in the tails.
double mass_between(double a, double b) { return a > 0 ? cdf(-a) - cdf(-b) : cdf(b) - cdf(a); }

}  // namespace

Parzen::Parzen(const Space& space, std::span<const std::size_t> group,
               std::vector<const std::vector<double>*> rows)
    : space_(&space), count_(rows.size()) {
  const double n = static_cast<double>(count_), d = static_cast<double>(group.size());
  for (std::size_t i = 0; i < count_; ++i) {
    double weight = 1;
    if (count_ > full_weights && i < count_ - full_weights) {
      const double ramp = static_cast<double>(count_ - full_weights);
      weight = ramp > 1 ? 1 / n + (1 - 1 / n) * static_cast<double>(i) / (ramp - 1) : 1 / n;
    }
    weights_.push_back(weight);
  }
  weights_.push_back(1);  // the prior
  double total = 0;
  for (const double weight : weights_) cumulative_.push_back(total += weight);
  for (double& weight : weights_) weight /= total;
  for (double& end : cumulative_) end /= total;

  const double width = std::max({base_width * std::pow(std::max(n, 1.0), -1 / (d + 4)), least_width,
                                 1 / ((n + 2) * (n + 2))});
  for (const std::size_t j : group) {
    const Axis& axis = space.axis(j);
    Dimension dim;
    dim.parameter = j;
    dim.category = space.parameters()[j].kind == Kind::categorical ||
                   space.parameters()[j].kind == Kind::bool_ ||
                   space.parameters()[j].kind == Kind::constant;
    dim.cells = !axis.continuous();
    if (dim.category) {
      dim.choices = static_cast<std::size_t>(axis.count());
      for (std::size_t c = 0; c < dim.choices; ++c) {
        const auto [low, high] = axis.cell(static_cast<std::int64_t>(c));
        dim.prior.push_back((high - low) * axis.prior_density((low + high) / 2));
      }
      for (const auto* row : rows)
        dim.chosen.push_back(static_cast<std::size_t>(*axis.index(axis.at((*row)[j]))));
    } else {
      for (const auto* row : rows) dim.kernels.push_back({(*row)[j], width, 1});
      dim.kernels.push_back({axis.centre(), prior_width, 1});
      for (Kernel& k : dim.kernels)
        k.mass = mass_between(-k.centre / k.width, (1 - k.centre) / k.width);
    }
    dimensions_.push_back(std::move(dim));
  }
}

void Parzen::draw(Rng& rng, std::span<double> unit) const {
  const double pick = rng.uniform();
  const auto kernel = std::min(
      static_cast<std::size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end(), pick) -
                               cumulative_.begin()),
      count_);
  for (const Dimension& d : dimensions_) {
    const Axis& axis = space_->axis(d.parameter);
    double u = rng.uniform();
    if (d.category) {
      const double own = 1 / (static_cast<double>(count_) + 1);
      const double rest = own * static_cast<double>(d.choices), all = 1 + rest;
      std::size_t choice = 0;
      if (kernel < count_ && u * all < 1) {
        choice = d.chosen[kernel];
      } else if (kernel < count_) {
        choice = static_cast<std::size_t>((u * all - 1) / own);
      } else {
        for (double end = d.prior[0]; choice + 1 < d.choices && u >= end;) end += d.prior[++choice];
      }
      unit[d.parameter] =
          *axis.unit(axis.value(static_cast<std::int64_t>(std::min(choice, d.choices - 1))));
      continue;
    }
    const Kernel& k = d.kernels[kernel];
    const double low = cdf(-k.centre / k.width);
    const double z = normal_quantile(low + u * k.mass);
    u = std::clamp(k.centre + k.width * z, 0.0, 1.0);
    unit[d.parameter] = d.cells ? *axis.unit(axis.at(u)) : u;
  }
}

double Parzen::log_kernel(const Dimension& d, std::size_t kernel, double unit, double low,
                          double high, std::size_t choice) const {
  if (d.category) {
    if (kernel == count_) return std::log(d.prior[choice]);
    const double own = 1 / (static_cast<double>(count_) + 1);
    const double mine = d.chosen[kernel] == choice ? 1 + own : own;
    return std::log(mine / (1 + own * static_cast<double>(d.choices)));
  }
  const Kernel& k = d.kernels[kernel];
  if (!d.cells) {
    const double z = (unit - k.centre) / k.width;
    return -0.5 * z * z - 0.9189385332046727 - std::log(k.width * k.mass);
  }
  const double inside =
      mass_between((low - k.centre) / k.width, (high - k.centre) / k.width) / k.mass;
  return std::log(std::max(inside, 1e-300) / (high - low));
}

double Parzen::log_density(std::span<const double> unit) const {
  std::vector<double> sums(count_ + 1);
  for (std::size_t i = 0; i <= count_; ++i) sums[i] = std::log(weights_[i]);
  for (const Dimension& d : dimensions_) {
    const double u = unit[d.parameter];
    double low = 0, high = 1;
    std::size_t choice = 0;
    if (d.cells) {
      const Axis& axis = space_->axis(d.parameter);
      const auto index = *axis.index(axis.at(u));
      std::tie(low, high) = axis.cell(index);
      choice = static_cast<std::size_t>(index);
    }
    for (std::size_t i = 0; i <= count_; ++i) sums[i] += log_kernel(d, i, u, low, high, choice);
  }
  const double most = *std::max_element(sums.begin(), sums.end());
  double total = 0;
  for (const double sum : sums) total += std::exp(sum - most);
  return most + std::log(total);
}

}  // namespace vernier::search::tpe
