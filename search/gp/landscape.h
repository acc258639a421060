// What the search over the space maximises: a surrogate seen through an acquisition.
#pragma once
#include <functional>

#include "core/rng.h"
#include "search/gp/rows.h"
#include "search/gp/surrogate.h"

namespace vernier::search::gp {

/// At embedded points (points, coordinates).
struct Acquisition {
  Vector value;     // larger is better
  Matrix gradient;  // (points, coordinates); empty unless wanted
};

/// Holds references to the surrogate and the rows it was made from.
struct Landscape {
  std::function<Acquisition(const Matrix& points, bool gradients)> evaluate;
  std::function<Vector(const Eigen::MatrixXf& points)> screen;  // values in single precision
};

/// log EI over the least posterior mean, averaged over the draws of pending trials.
Landscape improvement_landscape(const Surrogate& surrogate, const Rows& rows);
/// log EHVI over the front of posterior means. The reference lies a tenth beyond the worst values of all trials, not of the front's: a front of
/// one point, or of a few that lie close together, would see nothing to gain elsewhere.
/// Deviations count `boldness` times.
Landscape hypervolume_landscape(const Surrogate& surrogate, const Rows& rows, double boldness);
/// The optimistic bound of confidence_bound.
Landscape bound_landscape(const Surrogate& surrogate, double deviations);
/// One function drawn from the posterior.
Landscape thompson_landscape(const Surrogate& surrogate, const Rows& rows, Rng& rng);

}  // namespace vernier::search::gp
