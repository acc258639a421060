// One function drawn from the posterior, for Thompson sampling (Wilson et al. 2020, "Efficiently sampling functions from Gaussian
// process posteriors", eq. 13):
//   f(x) = m + phi(x)^T w + k(x, X) A^-1 (y - m - phi(X)^T w - e)
// with phi 512 random Fourier features of the kernel, whose frequencies are multivariate t with 5 degrees of freedom.
#pragma once
#include "core/rng.h"
#include "search/gp/model.h"

namespace vernier::search::gp {

class PathSample {
 public:
  /// `y`, one entry a row of `model`, which outlives it; only rows with a result are used.
  PathSample(const Model& model, const Matrix& x, const Vector& y, Rng& rng);
  /// f at embedded points (points, coordinates), and its gradient where that is not null.
  Vector value(const Matrix& points, Matrix* gradient) const;

 private:
  const Model* model_;
  Matrix frequencies_;  // (coordinates, features), for points divided by the lengthscales
  Eigen::RowVectorXd phases_;
  Vector amplitudes_, weights_;  // of features; of rows
};

}  // namespace vernier::search::gp
