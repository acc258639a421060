#include "search/gp/cholesky.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

namespace vernier::search::gp {

void Cholesky::reserve(Eigen::Index rows) {
  if (rows <= storage_.rows()) return;
  const Eigen::Index capacity = std::max(rows, storage_.rows() + storage_.rows() / 2 + 16);
  Matrix grown(capacity, capacity);
  grown.topLeftCorner(size_, size_) = storage_.topLeftCorner(size_, size_);
  storage_ = std::move(grown);
}

bool Cholesky::compute(const Matrix& a) {
  const Eigen::Index n = a.rows();
  size_ = 0;
  reserve(n);
  jitter_ = 0;
  double next = 1e-8 * (n > 0 ? a.diagonal().mean() : 1.0);
  for (int attempt = 0; attempt <= 8; ++attempt) {
    auto target = storage_.topLeftCorner(n, n);
    target = a;
    target.diagonal().array() += jitter_;
    const Eigen::Index failed = Eigen::internal::llt_inplace<double, Eigen::Lower>::blocked(target);
    if (failed == -1 && target.diagonal().allFinite()) {
      size_ = n;
      return true;
    }
    jitter_ = next;
    next *= 10;
  }
  return false;
}

void Cholesky::append(const Vector& cross, double diagonal) {
  const Eigen::Index n = size_;
  reserve(n + 1);
  Vector row = cross;
  solve_lower(row);
  diagonal += jitter_;
  const double pivot = std::max(diagonal - row.squaredNorm(), 1e-12 * diagonal);
  storage_.row(n).head(n) = row.transpose();
  storage_(n, n) = std::sqrt(pivot);
  size_ = n + 1;
}

namespace {

void invert_lower(Eigen::Ref<Matrix> l) {
  const Eigen::Index n = l.rows();
  if (n <= 32) {
    for (Eigen::Index j = 0; j < n; ++j) {
      l(j, j) = 1.0 / l(j, j);
      for (Eigen::Index i = j + 1; i < n; ++i)
        l(i, j) = -l.row(i).segment(j, i - j).dot(l.col(j).segment(j, i - j)) / l(i, i);
    }
    return;
  }
  const Eigen::Index h = n / 2;
  auto a = l.topLeftCorner(h, h);
  auto c = l.bottomRightCorner(n - h, n - h);
  invert_lower(a);
  invert_lower(c);
  const Matrix product = l.bottomLeftCorner(n - h, h) * a.triangularView<Eigen::Lower>();
  l.bottomLeftCorner(n - h, h).noalias() = -(c.triangularView<Eigen::Lower>() * product);
}

}  // namespace

Matrix inverse_from_factor(const Eigen::Ref<const Matrix>& lower) {
  Matrix inverse = lower.triangularView<Eigen::Lower>();
  invert_lower(inverse);
  Matrix full = Matrix::Zero(lower.rows(), lower.rows());
  full.selfadjointView<Eigen::Lower>().rankUpdate(inverse.transpose());
  full.triangularView<Eigen::StrictlyUpper>() = full.transpose();
  return full;
}

}  // namespace vernier::search::gp
