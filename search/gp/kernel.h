// Matern 5/2 with automatic relevance determination:
//   k(x, x') = s M(D),  M(D) = (1 + r + r^2/3) exp(-r),  r = sqrt(5 D),  D = sum_c (z_c - z'_c)^2,  z = x / l
//   dM/dD = -(5/6) (1 + r) exp(-r)                       (finite at D = 0)
// Rasmussen and Williams, "Gaussian Processes for Machine Learning" (2006), eq. 4.17.
//
// Points are rows, (points, coordinates): embedded coordinates (embedding.h) divided by the lengthscale of the parameter
// they belong to. Differences are formed coordinate by coordinate, never as |z|^2 + |z'|^2 - 2 z z': close points stay exact.
#pragma once
#include <Eigen/Core>

namespace vernier::search::gp {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;
template <class Scalar>
using MatrixOf = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

/// D between every row of `points` (n, c) and every row of `queries` (m, c), as (n, m).
template <class Scalar>
MatrixOf<Scalar> squared_distances(const MatrixOf<Scalar>& points,
                                   const MatrixOf<Scalar>& queries) {
  MatrixOf<Scalar> d = MatrixOf<Scalar>::Zero(points.rows(), queries.rows());
  for (Eigen::Index j = 0; j < queries.rows(); ++j)
    for (Eigen::Index c = 0; c < points.cols(); ++c)
      d.col(j).array() += (points.col(c).array() - queries(j, c)).square();
  return d;
}

/// M(D) for each entry.
template <class Scalar>
MatrixOf<Scalar> matern52(const MatrixOf<Scalar>& d) {
  const auto r = (d.array() * Scalar(5)).sqrt();
  return (Scalar(1) + r + d.array() * Scalar(5.0 / 3.0)) * (-r).exp();
}

/// M(D) and dM/dD for each entry of `d`; all three of one shape.
void matern52(const Eigen::Ref<const Eigen::ArrayXd>& d, Eigen::Ref<Eigen::ArrayXd> value,
              Eigen::Ref<Eigen::ArrayXd> derivative);

/// Lower triangles, diagonal included, of M and dM/dD between all rows of `z`; what is above is left as it was.
void kernel_lower(const Matrix& z, Matrix& value, Matrix& derivative);

}  // namespace vernier::search::gp
