// A test function of mixed and conditional parameters.
#pragma once
#include "search/problems/problem.h"

namespace vernier::search {

/// x, y in [0, 1], k int 1 .. 20, m log int 1 .. 1024, kind in {plain, shaped, rough}, shape in [0, 1] where kind is shaped.
/// 2 (x - 0.3)^2 + 2 (y - 0.6)^2 + 0.008 (k - 7)^2 + 0.05 log2(m / 64)^2 + offset(kind): plain 0.2, rough 0.4, shaped (shape - 0.25)^2.
/// Minimum 0 at x = 0.3, y = 0.6, k = 7, m = 64, kind = shaped, shape = 0.25.
Problem mixed();

}  // namespace vernier::search
