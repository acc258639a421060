// What a front leaves undominated, as disjoint boxes. Objectives are minimised.
#pragma once
#include <span>
#include <vector>

#include "search/gp/kernel.h"

namespace vernier::search::gp {

/// Box b is all y with lower(b, k) < y_k < upper(b, k); lower may be -inf.
struct Boxes {
  Matrix lower, upper;  // (boxes, objectives)
};

/// The points below `reference` that no row of `front` (points, objectives) dominates. Sliced along the last objective, then the one
/// before it, ...: n + 1 boxes for two objectives, O(n^(m - 1)) for m.
Boxes undominated(const Matrix& front, const Vector& reference);

}  // namespace vernier::search::gp
