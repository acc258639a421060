// Places values that are not alive at the same time over the same bytes.
#pragma once
#include <cstddef>
#include <vector>

namespace vernier::engine {

struct Lifetime {
  std::size_t bytes = 0;
  int first = 0, last = -1;  // operations, inclusive; last < first: never used
};

struct Placement {
  std::vector<std::size_t> offsets;  // multiples of arena_alignment
  std::size_t bytes = 0;
};

/// Greedy by size (Pisarchyk and Lee 2020, section 5): the largest first, each at the lowest offset free during its life.
Placement place(const std::vector<Lifetime>& lifetimes);

}  // namespace vernier::engine
