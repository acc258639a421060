// A density over some parameters of a space: one kernel for every trial, and one for the prior.
#pragma once
#include <span>
#include <vector>

#include "core/rng.h"
#include "search/space.h"

namespace vernier::search::tpe {

/// p(u) = sum_i w_i prod_j k_ij(u_j) over the parameters j of a group, all in coordinates of the unit interval. Kernels:
/// - ranges and ordinals: a normal around the trial's coordinate, truncated to [0, 1]; where values have cells, its mass in the cell over the cell's
///   width. Its deviation for n trials and a group of d is max(0.05 n^(-1/(d + 4)), 0.01, (n + 2)^-2), that of the prior kernel, around the
///   centre (1/2), 1. (0.05 is measured: of 0.035, 0.05, 0.07, 0.1, 0.2 the best over the suite full100; Scott's rule is worse than all.)
/// - categories: all have mass 1/(n + 1) before, the trial's own 1 more; the prior kernel has the shares of the choices.
/// Weights: 1 for the 25 latest trials and the prior, falling linearly to 1/n for the oldest.
/// (Watanabe, "Tree-Structured Parzen Estimator", arXiv 2304.11127.)
class Parzen {
 public:
  /// `rows`: of the trials, oldest first, each a point of the whole space in which the group is active. The space outlives it.
  Parzen(const Space& space, std::span<const std::size_t> group,
         std::vector<const std::vector<double>*> rows);

  /// One draw: writes the group's coordinates into `unit` (cells: their centres).
  void draw(Rng& rng, std::span<double> unit) const;
  double log_density(std::span<const double> unit) const;

 private:
  struct Kernel {
    double centre = 0, width = 1, mass = 1;  // mass: of the normal in [0, 1]
  };
  struct Dimension {
    std::size_t parameter = 0;
    bool category = false, cells = false;
    std::size_t choices = 0;
    std::vector<Kernel> kernels;      // ranges
    std::vector<std::size_t> chosen;  // categories: of each trial
    std::vector<double> prior;        // categories: shares
  };
  double log_kernel(const Dimension& d, std::size_t kernel, double unit, double low, double high,
                    std::size_t choice) const;

  const Space* space_;
  std::size_t count_;  // trials
  std::vector<double> weights_, cumulative_;
  std::vector<Dimension> dimensions_;
};

}  // namespace vernier::search::tpe
