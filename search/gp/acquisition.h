// What is worth trying, from predictions alone. The model class is unknown here, as is what a coordinate means.
#pragma once
#include "search/gp/kernel.h"

namespace vernier::search::gp {

/// Of points: larger is better.
struct Score {
  Vector value;        // (points)
  Matrix by_mean;      // (points, draws), its derivatives
  Vector by_variance;  // (points)
};

/// log of the expected improvement over `best` (draws), averaged over the draws of `mean` (points, draws). `best`: the least posterior
/// mean among the trials in that draw, pending ones included, so that noise does not make a lucky value the mark to beat.
Score log_expected_improvement(const Matrix& mean, const Vector& variance, const Vector& best);

/// -(mean - deviations * sigma), averaged over the draws: an optimistic bound (Srinivas et al. 2010; 1.8 is the constant of arXiv 2408.11527).
Score confidence_bound(const Matrix& mean, const Vector& variance, double deviations = 1.8);

}  // namespace vernier::search::gp
