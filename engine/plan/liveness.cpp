#include "engine/plan/liveness.h"

#include <algorithm>
#include <numeric>

#include "engine/plan/plan.h"

namespace vernier::engine {

Placement place(const std::vector<Lifetime>& lifetimes) {
  std::vector<std::size_t> order(lifetimes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return lifetimes[a].bytes > lifetimes[b].bytes;
  });
  Placement result{std::vector<std::size_t>(lifetimes.size(), 0), 0};
  std::vector<std::size_t> placed;  // in the order of their offsets
  for (std::size_t i : order) {
    const Lifetime& life = lifetimes[i];
    if (life.last < life.first || life.bytes == 0) continue;
    const std::size_t size = (life.bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
    std::size_t offset = 0;
    for (std::size_t j : placed) {
      const Lifetime& other = lifetimes[j];
      if (other.last < life.first || life.last < other.first) continue;
      if (offset + size <= result.offsets[j]) break;
      const std::size_t end = result.offsets[j] + other.bytes;
      offset = std::max(offset, (end + arena_alignment - 1) / arena_alignment * arena_alignment);
    }
    result.offsets[i] = offset;
    result.bytes = std::max(result.bytes, offset + size);
    placed.insert(
        std::upper_bound(placed.begin(), placed.end(), offset,
                         [&](std::size_t at, std::size_t j) { return at < result.offsets[j]; }),
        i);
  }
  return result;
}

}  // namespace vernier::engine
