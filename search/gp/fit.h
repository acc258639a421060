// Maximum a posteriori hyperparameters of the Gaussian process.
//   -log p = 1/2 r^T A^-1 r + sum log L_ii + n/2 log 2 pi - log priors,   A = s M(D) + noise I + E = L L^T,   r = y - m
//   m = (1^T A^-1 y) / (1^T A^-1 1): the constant mean at its optimum, so that its derivative vanishes
//   d/dtheta = 1/2 sum_ab (A^-1 - alpha alpha^T)_ab dA_ab/dtheta,  alpha = A^-1 r
// Rasmussen and Williams (2006), eq. 5.9 and 2.42. Minimised over the logarithms by L-BFGS-B inside the bounds of priors.h.
#pragma once
#include <vector>

#include "search/gp/kernel.h"

namespace vernier::search::gp {

/// theta = (log l_1 .. log l_d, log s, log noise).
struct FitData {
  Matrix x;                // (n, coordinates), embedded
  Vector y;                // (n), standardised
  Vector doubt;            // (n), variance of each beside the noise (doubt.h); empty: none
  std::vector<int> owner;  // lengthscale of each coordinate
  int dimensions = 0;      // d
};

/// -log p at theta, and its gradient where `gradient` is not null. +inf where the covariance cannot be factorised.
double negative_log_posterior(const FitData& data, const Vector& theta, Vector* gradient);

/// All lengthscales at sqrt(d) / 4 (at most 1), s = 1, noise = 0.01: where a search begins without a previous fit.
Vector default_theta(int dimensions);
/// theta moved into the bounds.
Vector inside_bounds(const Vector& theta);

/// The best of the local optima reached from `starts` (at least one); `evaluations` each at most. Where no evaluation is finite,
/// the first start.
Vector fit_map(const FitData& data, const std::vector<Vector>& starts, int evaluations);

}  // namespace vernier::search::gp
