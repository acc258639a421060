#include "search/gp/model.h"

#include <algorithm>
#include <cmath>

#include "search/gp/doubt.h"

namespace vernier::search::gp {
namespace {

constexpr double least_variance = 1e-12;  // of the signal

}  // namespace

bool Model::update(const Vector& theta, Eigen::Index base, const Matrix& x, const Vector& y,
                   const std::vector<char>& known, const Matrix& normals, const Vector& doubt) {
  if (!factorise(theta, std::min(base, x.rows()), x, doubt)) return false;
  find_unknown(known);
  weigh(y, normals);
  return alpha_.allFinite() && row_means_.allFinite();
}

Matrix Model::scaled(const Matrix& points) const {
  return points * inverse_lengthscales_.asDiagonal();
}

bool Model::factorise(const Vector& theta, Eigen::Index base, const Matrix& x,
                      const Vector& doubt) {
  const Eigen::Index old = x_.rows();
  const bool keep =
      theta_.size() == theta.size() && theta_ == theta && base_ == base && factor_.size() == old &&
      old >= base && x.rows() >= old && x.cols() == x_.cols() && x.topRows(old) == x_ &&
      (doubt.size() > 0) == (doubt_.size() > 0) && doubt.head(doubt.size() > 0 ? old : 0) == doubt_;
  if (!keep) {
    const auto d = theta.size() - 2;
    theta_ = theta;
    base_ = base;
    signal_ = std::exp(theta[d]);
    noise_ = std::exp(theta[d + 1]);
    inverse_lengthscales_.resize(static_cast<Eigen::Index>(owner_.size()));
    for (std::size_t c = 0; c < owner_.size(); ++c)
      inverse_lengthscales_[static_cast<Eigen::Index>(c)] = std::exp(-theta[owner_[c]]);
    x_ = x.topRows(base);
    z_ = scaled(x_);
    Matrix a, slope;
    kernel_lower(z_, a, slope);
    const Matrix departures = doubt.size() > 0 ? doubt_lower(a, doubt.head(base)) : Matrix();
    a *= signal_;
    a.diagonal().array() += noise_;
    if (doubt.size() > 0) a += departures;
    if (!factor_.compute(a)) {
      x_.resize(0, x.cols());
      return false;
    }
  }
  const Eigen::Index done = x_.rows();
  doubt_ = doubt;
  if (x.rows() == done) return true;
  x_ = x;
  z_ = scaled(x_);
  for (Eigen::Index i = done; i < x.rows(); ++i) {
    const Matrix before = z_.topRows(i), point = z_.row(i);
    const Vector kernel = matern52<double>(squared_distances<double>(before, point)).col(0);
    Vector cross = signal_ * kernel;
    if (doubt.size() > 0) cross += shared_doubts(kernel, doubt.head(i), doubt[i]);
    factor_.append(cross, signal_ + noise_ + (doubt.size() > 0 ? doubt[i] : 0.0));
  }
  return true;
}

Matrix Model::doubt_covariance() const {
  Matrix kernel, slope;
  kernel_lower(z_, kernel, slope);
  return doubt_lower(kernel, doubt_);
}

Vector Model::draw_noise(Rng& rng) const {
  Vector out(x_.rows());
  for (double& v : out) v = std::sqrt(noise_) * rng.normal();
  if (doubt_.size() == 0) return out;
  Matrix departures = doubt_covariance();
  departures.diagonal().array() += 1e-9 * signal_;  // rows without doubt have none
  Cholesky factor;
  if (!factor.compute(departures)) return out;
  Vector normals(x_.rows());
  for (double& v : normals) v = rng.normal();
  return out + factor.lower().triangularView<Eigen::Lower>() * normals;
}

void Model::find_unknown(const std::vector<char>& known) {
  const Eigen::Index n = x_.rows();
  unknown_.clear();
  for (Eigen::Index i = 0; i < n; ++i)
    if (!known[static_cast<std::size_t>(i)]) unknown_.push_back(i);
  const auto p = static_cast<Eigen::Index>(unknown_.size());
  if (p == 0) return;
  unknown_columns_ = Matrix::Zero(n, p);
  for (Eigen::Index j = 0; j < p; ++j)
    unknown_columns_(unknown_[static_cast<std::size_t>(j)], j) = 1.0;
  factor_.solve(unknown_columns_);
  unknown_factor_.compute(unknown_columns_(unknown_, Eigen::all));
}

Matrix Model::solve_known(Matrix right) const {
  for (const Eigen::Index i : unknown_) right.row(i).setZero();
  factor_.solve(right);
  if (unknown_.empty()) return right;
  // Values at unknown rows are chosen so that the weights vanish there.
  const Matrix rest = right(unknown_, Eigen::all);
  right -= unknown_columns_ * unknown_factor_.solve(rest);
  for (const Eigen::Index i : unknown_) right.row(i).setZero();
  return right;
}

void Model::weigh(const Vector& y, const Matrix& normals) {
  const Eigen::Index n = x_.rows();
  Matrix given(n, 2);
  given.col(0) = y;
  given.col(1).setOnes();
  for (const Eigen::Index i : unknown_) given.row(i).setZero();
  const Matrix b = solve_known(given);
  const double ones = b.col(1).sum();
  mean_ = ones > 0 ? given.col(1).dot(b.col(0)) / ones : 0.0;
  const bool drawn = !unknown_.empty() && normals.cols() > 0;
  const Eigen::Index draws = drawn ? normals.cols() : 1;
  alpha_ = (b.col(0) - mean_ * b.col(1)).replicate(1, draws);

  // K alpha = A alpha - (noise + jitter) alpha - E alpha; at unknown rows from the kernel itself.
  const double nugget = noise_ + factor_.jitter();
  const Matrix departures = doubt_.size() > 0 ? doubt_covariance() : Matrix();
  row_means_ = given.col(0).replicate(1, draws) - nugget * alpha_;
  if (doubt_.size() > 0) row_means_ -= departures.selfadjointView<Eigen::Lower>() * alpha_;
  for (const Eigen::Index i : unknown_) {
    const Matrix point = z_.row(i);
    const auto k = matern52<double>(squared_distances<double>(z_, point)).eval();
    row_means_.row(i).setConstant(mean_ + signal_ * k.col(0).dot(alpha_.col(0)));
  }
  if (!drawn) return;

  // (A^-1)_pp^-1 is the covariance of the unknown results; with (A^-1)_pp = C C^T a draw departs from their mean by C^-T e. A
  // departure adds A^-1 of itself to alpha.
  const Matrix apart = unknown_factor_.matrixU().solve(normals);
  const Matrix change = unknown_columns_ * apart;
  alpha_ += change;
  row_means_ -= nugget * change;
  if (doubt_.size() > 0) row_means_ -= departures.selfadjointView<Eigen::Lower>() * change;
  for (std::size_t j = 0; j < unknown_.size(); ++j)
    row_means_.row(unknown_[j]) += apart.row(static_cast<Eigen::Index>(j));
}

Prediction Model::predict(const Matrix& points, bool gradients) const {
  const Eigen::Index n = z_.rows(), m = points.rows();
  Prediction out;
  out.scaled = scaled(points);
  const Matrix d = squared_distances<double>(z_, out.scaled);
  Matrix k(n, m);
  out.slope.resize(n, m);
  for (Eigen::Index j = 0; j < m; ++j)
    matern52(d.col(j).array(), k.col(j).array(), out.slope.col(j).array());
  k *= signal_;
  out.mean = (k.transpose() * alpha_).array() + mean_;
  factor_.solve_lower(k);
  out.variance =
      (signal_ - k.colwise().squaredNorm().transpose().array()).max(least_variance * signal_);
  if (!gradients) return out;
  factor_.solve_upper(k);
  out.slope *= signal_;
  out.solved = std::move(k);
  return out;
}

/// sum_a w_aj d/dq of a function of D between z_a and q_j, for dD = 2 (q - z).
Matrix Model::from_weights(const Matrix& weights, const Matrix& scaled_points) const {
  Matrix g = -2.0 * (weights.transpose() * z_);
  const Vector total = 2.0 * weights.colwise().sum().transpose();
  for (Eigen::Index c = 0; c < z_.cols(); ++c)
    g.col(c) = (g.col(c).array() + total.array() * scaled_points.col(c).array()) *
               inverse_lengthscales_[c];
  return g;
}

Matrix Model::gradient(const Prediction& at, const Matrix& by_mean,
                       const Vector& by_variance) const {
  // d mean = sum_a alpha_a dk_a,  d var = -2 sum_a (A^-1 k)_a dk_a
  Matrix weights = alpha_ * by_mean.transpose();
  weights -= at.solved * (2.0 * by_variance).asDiagonal();
  weights.array() *= at.slope.array();
  return from_weights(weights, at.scaled);
}

Vector Model::weighted_kernel(const Matrix& points, const Vector& weights, Matrix* gradient) const {
  const Matrix q = scaled(points);
  const Matrix d = squared_distances<double>(z_, q);
  Matrix k(d.rows(), d.cols()), slope(d.rows(), d.cols());
  for (Eigen::Index j = 0; j < d.cols(); ++j)
    matern52(d.col(j).array(), k.col(j).array(), slope.col(j).array());
  if (gradient != nullptr) {
    slope.array().colwise() *= signal_ * weights.array();
    *gradient = from_weights(slope, q);
  }
  return signal_ * (k.transpose() * weights);
}

void Model::screen(const Eigen::MatrixXf& points, Eigen::MatrixXf& mean,
                   Eigen::VectorXf& variance) const {
  constexpr Eigen::Index block = 256;
  const Eigen::MatrixXf z = z_.cast<float>();
  const Eigen::VectorXf scale = inverse_lengthscales_.cast<float>();
  const Eigen::MatrixXf lower = Matrix(factor_.lower()).cast<float>();
  const Eigen::MatrixXf alpha = alpha_.cast<float>();
  const auto signal = static_cast<float>(signal_);
  mean.resize(points.rows(), alpha.cols());
  variance.resize(points.rows());
  for (Eigen::Index first = 0; first < points.rows(); first += block) {
    const Eigen::Index count = std::min(block, points.rows() - first);
    const Eigen::MatrixXf q = points.middleRows(first, count) * scale.asDiagonal();
    Eigen::MatrixXf k = signal * matern52<float>(squared_distances<float>(z, q));
    mean.middleRows(first, count) = (k.transpose() * alpha).array() + static_cast<float>(mean_);
    lower.triangularView<Eigen::Lower>().solveInPlace(k);
    variance.segment(first, count) =
        (signal - k.colwise().squaredNorm().transpose().array()).max(1e-7f * signal);
  }
}

}  // namespace vernier::search::gp
