#include "engine/data/whiten.h"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

namespace vernier::engine {
namespace {

constexpr double share_of_largest = 1e-5;
constexpr std::size_t block = 512;  // examples at a time

using Rows = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

/// Examples first .. first + n - 1 without their mean.
Rows centred(std::span<const float> x, const std::vector<double>& mean, std::size_t first,
             std::size_t n) {
  const std::size_t features = mean.size();
  Rows rows(index(n), index(features));
  for (std::size_t r = 0; r < n; ++r) {
    for (std::size_t f = 0; f < features; ++f)
      rows(index(r), index(f)) =
          static_cast<float>(static_cast<double>(x[(first + r) * features + f]) - mean[f]);
  }
  return rows;
}

}  // namespace

Whitening fit_whitening(std::span<const float> x, std::size_t features) {
  const std::size_t n = x.size() / features;
  Whitening w;
  w.mean.assign(features, 0.0);
  for (std::size_t i = 0; i < x.size(); ++i) w.mean[i % features] += static_cast<double>(x[i]);
  for (double& m : w.mean) m /= static_cast<double>(n);
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(index(features), index(features));
  for (std::size_t first = 0; first < n; first += block) {
    const Rows rows = centred(x, w.mean, first, std::min(block, n - first));
    const Eigen::MatrixXf part = rows.transpose() * rows;
    covariance += part.cast<double>();
  }
  covariance /= static_cast<double>(n);
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(covariance);
  const double floor = share_of_largest * std::max(solver.eigenvalues().maxCoeff(), 0.0);
  Eigen::VectorXd scale = solver.eigenvalues();
  for (double& value : scale) {
    const double variance = std::max(value, 0.0) + floor;
    value = variance > 1e-14 ? 1 / std::sqrt(variance) : 0;
  }
  const Rows matrix =
      (solver.eigenvectors() * scale.asDiagonal() * solver.eigenvectors().transpose())
          .cast<float>();
  w.matrix.assign(matrix.data(), matrix.data() + matrix.size());
  return w;
}

void Whitening::apply(std::span<float> x) const {
  const std::size_t features = mean.size();
  const Eigen::Map<const Rows> m(matrix.data(), index(features), index(features));
  for (std::size_t first = 0; first * features < x.size(); first += block) {
    const std::size_t n = std::min(block, x.size() / features - first);
    Eigen::Map<Rows> to(x.data() + first * features, index(n), index(features));
    to = centred(x, mean, first, n) * m;
  }
}

}  // namespace vernier::engine
