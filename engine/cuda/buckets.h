// Lanes of different widths in one cohort: hidden layers are made wider with units that do nothing, up to one of few sizes. Such units have no
// weights in or out, and keep none: their gradients are zeroed before anything reads them.
//
// Exact: a sum gains zeros, so a lane's numbers are those of its own width within the rounding of sums in another order. Random numbers are those
// of the elements of its own tensors.
#pragma once
#include <cstdint>
#include <vector>

#include "engine/ir/architecture.h"
#include "engine/plan/plan.h"

namespace vernier::engine::cuda {

/// The least of 16, 32, 48, 64 and then 2^k times 1, 1.25, 1.5 and 1.75 (multiples of 16, at most 1.25 apart) that `units` fit in.
int bucket(int units);

/// Whether its layers can be made wider: dense ones one after the other, without a sum, softmax or image between.
bool can_widen(const Architecture& architecture);

/// With every hidden dense layer as wide as its bucket, where it can be; else as it is.
Architecture widened(Architecture architecture);

/// Where the numbers of a lane's own plan lie in a cohort's wider one: runs of both.
struct Run {
  std::size_t own, wide, count;  // in floats from the start of the region
};
/// Of all tensors of a role. The plans are of one network, one of them perhaps widened.
std::vector<Run> runs_of(const Plan& own, const Plan& wide, Role role);

}  // namespace vernier::engine::cuda
