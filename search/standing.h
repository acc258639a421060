// How trials with and without results compare.
#pragma once
#include <utility>

#include "search/history.h"

namespace vernier::search {

/// Smaller is better: (-how far, value). Further is a higher rung under a strategy with rungs, else a completed trial before a stopped one of more
/// steps before one of fewer; then the smaller value. (0, 0), the worst: no result, because it failed, diverged, is infeasible, or is pending
/// without having reached a rung.
std::pair<int, double> standing(const Observation& trial);
inline bool has_result(const Observation& trial) { return standing(trial).first < 0; }

}  // namespace vernier::search
