#include "search/gp/weighting.h"

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

/// `base` plus `score_of(mean, variance)` of one more model.
template <class ScoreOf>
Landscape plus(Landscape base, const Model* model, ScoreOf score_of) {
  Landscape out;
  out.evaluate = [base, model, score_of](const Matrix& points, bool gradients) {
    Acquisition a = base.evaluate(points, gradients);
    const Prediction at = model->predict(points, gradients);
    const Score score = score_of(at.mean.col(0), at.variance);
    a.value += score.value;
    if (gradients) a.gradient += model->gradient(at, score.by_mean, score.by_variance);
    return a;
  };
  out.screen = [base, model, score_of](const Eigen::MatrixXf& points) {
    Eigen::MatrixXf mean;
    Eigen::VectorXf variance;
    model->screen(points, mean, variance);
    return Vector(base.screen(points) +
                  score_of(mean.col(0).cast<double>(), variance.cast<double>()).value);
  };
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

Landscape times_feasible(Landscape base, std::vector<const Model*> margins) {
  for (const Model* margin : margins) base = plus(std::move(base), margin, log_probability);
  return base;
}

Landscape per_cost(Landscape base, const Model* log_cost, double scale) {
  return plus(std::move(base), log_cost, [scale](const Vector& mean, const Vector&) {
    const Eigen::Index m = mean.size();
    return Score{-scale * mean, Matrix::Constant(m, 1, -scale), Vector::Zero(m)};
  });
}

}  // namespace vernier::search::gp
