#include "search/gp/model.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace vernier::search::gp {
namespace {

constexpr double least_variance = 1e-12;  // of the signal

}  // namespace

bool Model::update(const Vector& theta, Eigen::Index base, const Matrix& x, const Vector& y,
                   const std::vector<char>& known) {
  if (!factorise(theta, std::min(base, x.rows()), x)) return false;
  weigh(y, known);
  return alpha_.allFinite() && row_means_.allFinite();
}

Matrix Model::scaled(const Matrix& points) const {
  return points * inverse_lengthscales_.asDiagonal();
}

bool Model::factorise(const Vector& theta, Eigen::Index base, const Matrix& x) {
  const Eigen::Index old = x_.rows();
  const bool keep = theta_.size() == theta.size() && theta_ == theta && base_ == base &&
                    factor_.size() == old && old >= base && x.rows() >= old &&
                    x.cols() == x_.cols() && x.topRows(old) == x_;
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
    a *= signal_;
    a.diagonal().array() += noise_;
    if (!factor_.compute(a)) {
      x_.resize(0, x.cols());
      return false;
    }
  }
  const Eigen::Index done = x_.rows();
  if (x.rows() == done) return true;
  x_ = x;
  z_ = scaled(x_);
  for (Eigen::Index i = done; i < x.rows(); ++i) {
    const Matrix before = z_.topRows(i), point = z_.row(i);
    const Vector cross =
        signal_ * matern52<double>(squared_distances<double>(before, point)).col(0);
    factor_.append(cross, signal_ + noise_);
  }
  return true;
}

void Model::weigh(const Vector& y, const std::vector<char>& known) {
  const Eigen::Index n = x_.rows();
  std::vector<Eigen::Index> unknown;
  for (Eigen::Index i = 0; i < n; ++i)
    if (!known[static_cast<std::size_t>(i)]) unknown.push_back(i);
  const auto p = static_cast<Eigen::Index>(unknown.size());

  // Two right-hand sides: y and ones at known rows. Values at unknown rows are then chosen so that alpha vanishes there.
  Matrix b = Matrix::Zero(n, 2);
  for (Eigen::Index i = 0; i < n; ++i)
    if (known[static_cast<std::size_t>(i)]) b.row(i) << y[i], 1.0;
  const Matrix given = b;
  factor_.solve(b);
  if (p > 0) {
    Matrix columns = Matrix::Zero(n, p);
    for (Eigen::Index j = 0; j < p; ++j) columns(unknown[static_cast<std::size_t>(j)], j) = 1.0;
    factor_.solve(columns);
    Matrix block(p, p), rest(p, 2);
    for (Eigen::Index i = 0; i < p; ++i) {
      block.row(i) = columns.row(unknown[static_cast<std::size_t>(i)]);
      rest.row(i) = b.row(unknown[static_cast<std::size_t>(i)]);
    }
    b -= columns * block.llt().solve(rest);
    for (const Eigen::Index i : unknown) b.row(i).setZero();
  }
  const double ones = b.col(1).sum();
  mean_ = ones > 0 ? given.col(1).dot(b.col(0)) / ones : 0.0;
  alpha_ = b.col(0) - mean_ * b.col(1);

  // K alpha = A alpha - (noise + jitter) alpha; at unknown rows from the kernel itself.
  row_means_ = given.col(0) - (noise_ + factor_.jitter()) * alpha_;
  for (const Eigen::Index i : unknown) {
    const Matrix point = z_.row(i);
    row_means_[i] =
        mean_ + signal_ * matern52<double>(squared_distances<double>(z_, point)).col(0).dot(alpha_);
  }
}

Prediction Model::predict(const Matrix& points, bool gradients) const {
  const Eigen::Index n = z_.rows(), m = points.rows(), coordinates = z_.cols();
  Prediction out;
  const Matrix q = scaled(points);
  const Matrix d = squared_distances<double>(z_, q);
  Matrix k(n, m), slope(n, m);
  for (Eigen::Index j = 0; j < m; ++j)
    matern52(d.col(j).array(), k.col(j).array(), slope.col(j).array());
  k *= signal_;
  out.mean = (k.transpose() * alpha_).array() + mean_;
  Matrix v = k;
  factor_.solve_lower(v);
  out.variance =
      (signal_ - v.colwise().squaredNorm().transpose().array()).max(least_variance * signal_);
  if (!gradients) return out;

  factor_.solve_upper(v);  // A^-1 k
  slope *= signal_;
  // d mean / dq = sum_a alpha_a s M' 2 (q - z_a);  d var / dq = -2 sum_a (A^-1 k)_a s M' 2 (q - z_a)
  const Matrix by_mean = (slope.array().colwise() * alpha_.array()) * 2.0;
  const Matrix by_variance = (slope.array() * v.array()) * -4.0;
  const auto gradient = [&](const Matrix& weights) {
    Matrix g = -(weights.transpose() * z_);
    const Vector total = weights.colwise().sum().transpose();
    for (Eigen::Index c = 0; c < coordinates; ++c)
      g.col(c) = (g.col(c).array() + total.array() * q.col(c).array()) * inverse_lengthscales_[c];
    return g;
  };
  out.mean_gradient = gradient(by_mean);
  out.variance_gradient = gradient(by_variance);
  return out;
}

void Model::screen(const Eigen::MatrixXf& points, Eigen::VectorXf& mean,
                   Eigen::VectorXf& variance) const {
  constexpr Eigen::Index block = 256;
  const Eigen::MatrixXf z = z_.cast<float>();
  const Eigen::VectorXf scale = inverse_lengthscales_.cast<float>();
  const Eigen::MatrixXf lower = Matrix(factor_.lower()).cast<float>();
  const Eigen::VectorXf alpha = alpha_.cast<float>();
  const auto signal = static_cast<float>(signal_);
  mean.resize(points.rows());
  variance.resize(points.rows());
  for (Eigen::Index first = 0; first < points.rows(); first += block) {
    const Eigen::Index count = std::min(block, points.rows() - first);
    const Eigen::MatrixXf q = points.middleRows(first, count) * scale.asDiagonal();
    Eigen::MatrixXf k = signal * matern52<float>(squared_distances<float>(z, q));
    mean.segment(first, count) = (k.transpose() * alpha).array() + static_cast<float>(mean_);
    lower.triangularView<Eigen::Lower>().solveInPlace(k);
    variance.segment(first, count) =
        (signal - k.colwise().squaredNorm().transpose().array()).max(1e-7f * signal);
  }
}

}  // namespace vernier::search::gp
