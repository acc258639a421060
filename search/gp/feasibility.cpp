#include "search/gp/feasibility.h"

#include <cerf.h>

#include <cmath>
#include <numbers>
#include <utility>

#include "search/gp/acquisition.h"

namespace vernier::search::gp {
namespace {

constexpr double half_log_two_pi = 0.91893853320467274178;

/// log Phi(-mean / deviation) at each point, and its derivatives.
Score log_probability(const Vector& mean, const Vector& variance) {
  const Eigen::Index m = mean.size();
  Score out{Vector(m), Matrix(m, 1), Vector(m)};
  for (Eigen::Index i = 0; i < m; ++i) {
    const double deviation = std::sqrt(variance[i]);
    const LogCdf p = log_cdf(-mean[i] / deviation);
    out.value[i] = p.value;
    out.by_mean(i, 0) = -p.ratio / deviation;
    out.by_variance[i] = p.ratio * mean[i] / (2 * variance[i] * deviation);
  }
  return out;
}

}  // namespace

LogCdf log_cdf(double z) {
  if (z > -5) {
    const double value = z > 0 ? std::log1p(-0.5 * std::erfc(z / std::numbers::sqrt2))
                               : std::log(0.5 * std::erfc(-z / std::numbers::sqrt2));
    return {value, std::exp(-0.5 * z * z - half_log_two_pi - value)};
  }
  // Phi = phi * sqrt(pi / 2) erfcx(-z / sqrt 2)
  const double mills = std::sqrt(std::numbers::pi / 2) * erfcx(-z / std::numbers::sqrt2);
  return {-0.5 * z * z - half_log_two_pi + std::log(mills), 1 / mills};
}

Feasibility::Feasibility(const Embedding& embedding, std::uint64_t seed, int objectives,
                         int limits) {
  const int size = embedding.dimensions() + 2, each = fit_length(size);
  length_ = fit_length(size * objectives);
  total_ = length_ + limits * each;
  for (int k = 0; k < limits; ++k) {
    const FitPlace place{length_ + k * each, total_};
    limits_.push_back({Rows(embedding),
                       Surrogate(embedding, seed + static_cast<std::uint64_t>(k) + 1, 1, place)});
  }
}

void Feasibility::update(const History& history) {
  for (std::size_t k = 0; k < limits_.size(); ++k) {
    Limit& limit = limits_[k];
    const Results margins = collect_margins(history, k);
    limit.known = false;
    if (margins.count < 2) continue;
    limit.rows.update(history, margins);
    limit.known =
        limit.rows.successes() >= 2 && limit.margin.update(history, limit.rows, margins.count, 0);
  }
}

std::vector<double> Feasibility::fits_after(const std::vector<double>& objectives) const {
  if (limits_.empty()) return objectives;
  std::vector<double> out = objectives;
  bool any = !objectives.empty();
  out.resize(static_cast<std::size_t>(length_), -1.0);
  const auto each = static_cast<std::size_t>(total_ - length_) / limits_.size();
  for (const Limit& limit : limits_) {
    std::vector<double> fit = limit.known ? limit.margin.new_fit() : std::vector<double>();
    any |= !fit.empty();
    fit.resize(each, -1.0);
    out.insert(out.end(), fit.begin(), fit.end());
  }
  return any ? out : std::vector<double>();
}

Landscape Feasibility::within(Landscape base) const {
  std::vector<const Model*> models;
  for (const Limit& limit : limits_)
    if (limit.known) models.push_back(&limit.margin.model());
  if (models.empty()) return base;
  Landscape out;
  out.evaluate = [base, models](const Matrix& points, bool gradients) {
    Acquisition a = base.evaluate(points, gradients);
    for (const Model* model : models) {
      const Prediction at = model->predict(points, gradients);
      const Score p = log_probability(at.mean.col(0), at.variance);
      a.value += p.value;
      if (gradients) a.gradient += model->gradient(at, p.by_mean, p.by_variance);
    }
    return a;
  };
  out.screen = [base, models](const Eigen::MatrixXf& points) {
    Vector value = base.screen(points);
    for (const Model* model : models) {
      Eigen::MatrixXf mean;
      Eigen::VectorXf variance;
      model->screen(points, mean, variance);
      value += log_probability(mean.col(0).cast<double>(), variance.cast<double>()).value;
    }
    return value;
  };
  return out;
}

}  // namespace vernier::search::gp
