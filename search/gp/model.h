// The posterior of a Gaussian process whose rows are all trials in order of number, with or without a result.
//   mean(x) = m + k^T alpha,   alpha = 0 at rows without result, so that A_cc alpha_c = y_c - m over the rows with one
//   var(x)  = s - k^T A^-1 k over all rows
// which is the posterior after giving every pending trial its posterior mean as a result (fantasies by the mean: they
// leave the mean as it is and take the variance away; Ginsbourger et al. 2010, "kriging believer", kept joint).
// Rows are only ever appended, so the factor of A is extended in O(n^2) while the hyperparameters stay.
#pragma once
#include <vector>

#include "search/gp/cholesky.h"
#include "search/gp/kernel.h"

namespace vernier::search::gp {

struct Prediction {
  Vector mean, variance;  // latent, without noise; variance >= 1e-12 s
  Matrix mean_gradient,
      variance_gradient;  // (points, coordinates), by embedded coordinates; empty unless wanted
};

class Model {
 public:
  /// `owner`: the lengthscale of each coordinate.
  explicit Model(std::vector<int> owner) : owner_(std::move(owner)) {}

  /// `theta` as in fit.h. `x` (rows, coordinates): the first `base` rows are factorised at once, the rest row by row, which is
  /// done again only where theta, base or an earlier row changed: the bits never depend on what was kept. `y` and `known`
  /// have one entry a row; rows that are not known have no result. False where the covariance cannot be factorised.
  bool update(const Vector& theta, Eigen::Index base, const Matrix& x, const Vector& y,
              const std::vector<char>& known);

  Eigen::Index rows() const { return x_.rows(); }
  double signal() const { return signal_; }
  double mean() const { return mean_; }
  /// Posterior mean at every row.
  const Vector& row_means() const { return row_means_; }

  /// `points` (m, coordinates), embedded.
  Prediction predict(const Matrix& points, bool gradients) const;
  /// The same in single precision, values only, for screening many points. Deterministic.
  void screen(const Eigen::MatrixXf& points, Eigen::VectorXf& mean,
              Eigen::VectorXf& variance) const;

 private:
  Matrix scaled(const Matrix& points) const;
  bool factorise(const Vector& theta, Eigen::Index base, const Matrix& x);
  void weigh(const Vector& y, const std::vector<char>& known);

  std::vector<int> owner_;
  Vector theta_, inverse_lengthscales_;  // the latter for each coordinate
  double signal_ = 1, noise_ = 1, mean_ = 0;
  Eigen::Index base_ = 0;
  Matrix x_, z_;
  Cholesky factor_;
  Vector alpha_, row_means_;
};

}  // namespace vernier::search::gp
