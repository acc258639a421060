// What is worth trying, from predictions alone: log expected improvement over the best posterior mean. The model class is unknown
// here, as is what a coordinate means.
#pragma once
#include "search/gp/kernel.h"
#include "search/gp/model.h"

namespace vernier::search::gp {

struct Acquisition {
  Vector value;     // (points), larger is better
  Matrix gradient;  // (points, coordinates); empty where the prediction has none
};

/// `best`: the least posterior mean among the trials, pending ones included (theirs is their fantasy), so that noise does not
/// make a lucky value the mark to beat.
Acquisition log_expected_improvement(const Prediction& prediction, double best);

/// The values alone for screened points.
Vector log_expected_improvement(const Eigen::VectorXf& mean, const Eigen::VectorXf& variance,
                                double best);

}  // namespace vernier::search::gp
