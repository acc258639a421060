// What a value that was carried up from a lower rung is off by: a function of the configuration, for the most part. Trainings of alike configurations that start
// faster than they end do so together, so their departures E are correlated beside the noise of each:
//   E_ab = min(d_a, d_b) (w M_ab + (1 - w) [a = b]),   d: the variance of each row's departure, M: the kernel without its signal variance
// min(d_a, d_b): a value from a lower rung has the departures of all steps above it, which it shares with those that had some of them left. A discrepancy
// between fidelities as a process of its own: Kennedy and O'Hagan, Biometrika 87 (2000) 1-13, here with the lengthscales of the objective.
#pragma once
#include "search/gp/kernel.h"

namespace vernier::search::gp {

constexpr double shared_doubt = 0.9;  // w, see README.md

/// w min(d_a, d_b) M_ab for one row a, whose kernel with others is `kernel`.
inline Vector shared_doubts(const Vector& kernel, const Vector& doubts, double doubt) {
  return shared_doubt * kernel.cwiseProduct(doubts.cwiseMin(doubt));
}

/// The lower triangle of E; of `kernel` only the lower triangle is read. 0 above.
Matrix doubt_lower(const Matrix& kernel, const Vector& doubt);

}  // namespace vernier::search::gp
