// Which trials of a history are good ones.
#pragma once
#include <cstddef>
#include <vector>

#include "search/history.h"

namespace vernier::search::tpe {

/// Places in the history, in order of number. `good`: the best min(ceil(0.1 n), 25) of n trials, as far as they have results; `bad`: all others,
/// with those that failed, diverged or are infeasible, and those still pending (the constant liar).
/// Better is: to have come further under a strategy with rungs (a full training counts as the last rung), then the smaller value.
struct Split {
  std::vector<std::size_t> good, bad;
};
Split split(const History& history);

}  // namespace vernier::search::tpe
