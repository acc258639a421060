// The distribution that CMA-ES searches with, and how a ranked generation changes it.
#pragma once
#include <Eigen/Core>
#include <utility>
#include <vector>

#include "core/rng.h"

namespace vernier::search::cma {

/// One axis of the unit cube: without cells it is continuous; else `edges` are the ends of its cells, from 0 to 1.
struct Dimension {
  std::vector<double> edges;
};

struct Point {
  Eigen::VectorXd x;                 // (d), in the unit cube
  std::vector<std::size_t> choices;  // of each category
};

/// Equations as in Hansen, arXiv 1604.00772, with negative weights; margin as in Hamano et al., arXiv 2205.13482.
class State {
 public:
  /// `shares`: of each category, the first probability of each of its values. `population` 0: 4 + 3 ln d.
  State(std::vector<Dimension> dimensions, std::vector<std::vector<double>> shares, int population);

  /// Begins at `start` with deviation `sigma`.
  void begin(const Point& start, double sigma);
  int population() const { return population_; }
  Point draw(Rng& rng) const;
  /// `ranked`: the points of a generation, the best first; at least 2.
  void update(const std::vector<Point>& ranked);
  /// The deviation has become too small for anything new.
  bool converged() const;
  /// Twice the population.
  void grow();

 private:
  void decompose();
  void keep_margins();
  void set_weights(int population);

  std::vector<Dimension> dimensions_;
  std::vector<std::vector<double>> shares_, first_shares_;
  int d_, population_, generation_ = 0;
  Eigen::VectorXd mean_, path_c_, path_sigma_, scale_;  // scale: the margin's diagonal
  Eigen::MatrixXd covariance_, basis_;
  Eigen::VectorXd deviations_;  // square roots of the eigenvalues
  double sigma_ = 0.2;
  Eigen::VectorXd weights_;
  double mu_eff_ = 1, c_sigma_ = 0, d_sigma_ = 1, c_c_ = 0, c_1_ = 0, c_mu_ = 0, chi_ = 1;
};

}  // namespace vernier::search::cma
