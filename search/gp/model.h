// The posterior of a Gaussian process whose rows are all trials in order of number, with or without a result.
//   mean(x) = m + k^T alpha,   alpha = 0 at rows without result, so that A_cc alpha_c = y_c - m over the rows with one
//   var(x)  = s - k^T A^-1 k over all rows
// which is the posterior after giving every pending trial its posterior mean as a result (fantasies by the mean: they
// leave the mean as it is and take the variance away; Ginsbourger et al. 2010, "kriging believer", kept joint). Or the pending
// trials get several draws of their joint posterior (Snoek et al. 2012, section 3.2): then there are as many means, of one variance.
// Rows are only ever appended, so the factor of A is extended in O(n^2) while the hyperparameters stay.
#pragma once
#include <Eigen/Cholesky>
#include <vector>

#include "core/rng.h"
#include "search/gp/cholesky.h"
#include "search/gp/kernel.h"

namespace vernier::search::gp {

/// The latent posterior at some points, without noise.
struct Prediction {
  Matrix mean;      // (points, draws)
  Vector variance;  // (points), >= 1e-12 s; the same for every draw
  Matrix scaled, slope,
      solved;  // what Model::gradient needs, empty unless wanted: z, dk/dD and A^-1 k, (rows, points)
};

class Model {
 public:
  /// `owner`: the lengthscale of each coordinate.
  explicit Model(std::vector<int> owner) : owner_(std::move(owner)) {}

  /// `theta` as in fit.h. `x` (rows, coordinates): the first `base` rows are factorised at once, the rest row by row, which is
  /// done again only where theta, base or an earlier row changed: the bits never depend on what was kept. `y` and `known`
  /// have one entry a row; rows that are not known have no result. `normals` (rows not known, draws): standard normal numbers, one
  /// draw a column; empty: one draw, the mean. False where the covariance cannot be factorised.
  bool update(const Vector& theta, Eigen::Index base, const Matrix& x, const Vector& y,
              const std::vector<char>& known, const Matrix& normals = {}, const Vector& doubt = {});

  Eigen::Index rows() const { return x_.rows(); }
  double signal() const { return signal_; }
  double noise() const { return noise_; }
  /// What results at the rows may be off by: a draw of their noise and, where they are in doubt, of their departures (doubt.h).
  Vector draw_noise(Rng& rng) const;
  double mean() const { return mean_; }
  /// Posterior mean at every row, (rows, draws).
  const Matrix& row_means() const { return row_means_; }

  /// `points` (m, coordinates), embedded. `gradients`: keep what gradient() needs.
  Prediction predict(const Matrix& points, bool gradients) const;
  /// The gradient by embedded coordinates, (points, coordinates), of a function of the prediction whose derivatives are `by_mean`
  /// (points, draws) and `by_variance` (points).
  Matrix gradient(const Prediction& at, const Matrix& by_mean, const Vector& by_variance) const;
  /// sum_a w_a k(point, row a) at each point, and its gradient (points, coordinates) where `gradient` is not null.
  Vector weighted_kernel(const Matrix& points, const Vector& weights, Matrix* gradient) const;
  /// w with A_cc w_c = right_c over the rows with a result, 0 elsewhere; `right` (rows, any).
  Matrix solve_known(Matrix right) const;
  /// Points or rows divided by the lengthscales.
  Matrix scaled(const Matrix& points) const;
  /// Mean (points, draws) and variance in single precision, for screening many points. Deterministic.
  void screen(const Eigen::MatrixXf& points, Eigen::MatrixXf& mean,
              Eigen::VectorXf& variance) const;

 private:
  bool factorise(const Vector& theta, Eigen::Index base, const Matrix& x, const Vector& doubt);
  Matrix doubt_covariance() const;  // lower triangle, of all rows
  void find_unknown(const std::vector<char>& known);
  void weigh(const Vector& y, const Matrix& normals);
  Matrix from_weights(const Matrix& weights, const Matrix& scaled_points) const;

  std::vector<int> owner_;
  Vector theta_, inverse_lengthscales_;  // the latter for each coordinate
  double signal_ = 1, noise_ = 1, mean_ = 0;
  Eigen::Index base_ = 0;
  Matrix x_, z_;
  Vector doubt_;  // of each row; empty: none
  Cholesky factor_;
  std::vector<Eigen::Index> unknown_;  // rows without result
  Matrix unknown_columns_;             // A^-1 at them, (rows, unknown)
  Eigen::LLT<Matrix> unknown_factor_{
      Matrix(0, 0)};          // of (A^-1)_pp; one not computed cannot be copied
  Matrix alpha_, row_means_;  // (rows, draws)
};

}  // namespace vernier::search::gp
