#include "search/gp/fit.h"

#include <cmath>
#include <limits>

#include "search/gp/cholesky.h"
#include "search/gp/doubt.h"
#include "search/gp/lbfgsb.h"
#include "search/gp/priors.h"

namespace vernier::search::gp {
namespace {

Vector lower_bounds(int d) {
  Vector out = Vector::Constant(d + 2, log_lengthscale_min);
  out[d] = log_signal_min;
  out[d + 1] = log_noise_min;
  return out;
}

Vector upper_bounds(int d) {
  Vector out = Vector::Constant(d + 2, log_lengthscale_max);
  out[d] = log_signal_max;
  out[d + 1] = log_noise_max;
  return out;
}

/// -log of all priors; adds their slopes to `gradient`.
double prior_terms(const Vector& theta, int d, Vector* gradient) {
  double total = 0;
  const auto add = [&](const LogDensity& density, int i) {
    total -= density.value;
    if (gradient != nullptr) (*gradient)[i] -= density.slope;
  };
  for (int i = 0; i < d; ++i) add(lengthscale_prior(theta[i], d), i);
  add(signal_prior(theta[d]), d);
  add(noise_prior(theta[d + 1]), d + 1);
  return total;
}

}  // namespace

double negative_log_posterior(const FitData& data, const Vector& theta, Vector* gradient) {
  const int d = data.dimensions;
  const Eigen::Index n = data.x.rows();
  const double signal = std::exp(theta[d]), noise = std::exp(theta[d + 1]);
  if (gradient != nullptr) gradient->setZero(d + 2);
  double value = prior_terms(theta, d, gradient);
  if (n == 0) return value;

  Matrix z = data.x;
  for (Eigen::Index c = 0; c < z.cols(); ++c) z.col(c) *= std::exp(-theta[data.owner[c]]);
  Matrix kernel, slope;
  kernel_lower(z, kernel, slope);
  Matrix a = signal * kernel;
  a.diagonal().array() += noise;
  if (data.doubt.size() > 0) a += doubt_lower(kernel, data.doubt);
  Cholesky factor;
  if (!factor.compute(a)) return std::numeric_limits<double>::infinity();

  Matrix right(n, 2);
  right.col(0) = data.y;
  right.col(1).setOnes();
  factor.solve(right);
  const double mean = data.y.dot(right.col(1)) / right.col(1).sum();
  const Vector alpha = right.col(0) - mean * right.col(1);
  value += 0.5 * (data.y.array() - mean).matrix().dot(alpha) +
           factor.lower().diagonal().array().log().sum() +
           0.5 * static_cast<double>(n) * std::log(2 * M_PI);
  if (gradient == nullptr) return value;

  Matrix g = inverse_from_factor(factor.lower());
  g.noalias() -= alpha * alpha.transpose();
  (*gradient)[d + 1] += 0.5 * noise * g.trace();
  // Off the diagonal each pair counts twice, which cancels the half.
  double by_signal = 0.5 * g.trace();
  for (Eigen::Index j = 0; j + 1 < n; ++j)
    by_signal += g.col(j).tail(n - j - 1).dot(kernel.col(j).tail(n - j - 1));
  (*gradient)[d] += signal * by_signal;
  // H = G dM/dD: sum_ab H_ab (z_a - z_b)^2 = 2 sum_a (H 1)_a z_a^2 - 2 z^T H z for each coordinate.
  // Of departures, dE/dD = w min(d_a, d_b) dM/dD beside s dM/dD.
  for (Eigen::Index j = 0; j < n; ++j) {
    g(j, j) = 0;
    g.col(j).tail(n - j - 1).array() *= slope.col(j).tail(n - j - 1).array();
    if (data.doubt.size() > 0)
      g.col(j).tail(n - j - 1).array() *=
          1 + shared_doubt / signal * data.doubt.tail(n - j - 1).array().min(data.doubt[j]);
  }
  const Matrix hz = g.selfadjointView<Eigen::Lower>() * z;
  const Vector sums = g.selfadjointView<Eigen::Lower>() * Vector::Ones(n);
  for (Eigen::Index c = 0; c < z.cols(); ++c) {
    const double weighted = 2 * (sums.dot(z.col(c).cwiseAbs2()) - z.col(c).dot(hz.col(c)));
    (*gradient)[data.owner[c]] -= signal * weighted;  // 1/2 * dD/d log l = -D
  }
  return value;
}

Vector default_theta(int dimensions) {
  Vector theta = Vector::Constant(
      dimensions + 2, std::log(std::min(1.0, 0.25 * std::sqrt(static_cast<double>(dimensions)))));
  theta[dimensions] = 0;
  theta[dimensions + 1] = std::log(0.01);
  return theta;
}

Vector inside_bounds(const Vector& theta) {
  const int d = static_cast<int>(theta.size()) - 2;
  return theta.cwiseMax(lower_bounds(d)).cwiseMin(upper_bounds(d));
}

Vector fit_map(const FitData& data, const std::vector<Vector>& starts, int evaluations) {
  const int d = data.dimensions;
  LbfgsbLimits limits;
  limits.evaluations = evaluations;
  limits.relative_decrease = 1e-6;
  limits.gradient_tolerance = 1e-3;
  double least = std::numeric_limits<double>::infinity();
  Vector best = inside_bounds(starts.front()), gradient(d + 2);
  for (const Vector& start : starts) {
    Lbfgsb run(inside_bounds(start), lower_bounds(d), upper_bounds(d), limits);
    while (run.wants_value()) {
      const double value = negative_log_posterior(data, run.point(), &gradient);
      run.give(value, gradient);
    }
    if (run.best_value() < least) {
      least = run.best_value();
      best = run.best();
    }
  }
  return best;
}

}  // namespace vernier::search::gp
