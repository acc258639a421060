// Label noise (Zhang et al. 2017): each training label is, with the given probability, redrawn from all classes alike, so that a share
// of p (1 - 1/classes) of them becomes wrong. Whether and to what depends on the seed and the example alone, not on the subset.
#pragma once
#include <cstdint>
#include <span>

namespace vernier::engine {

/// `labels` of the whole pool, changed in place at the `members` only. probability in [0, 1].
void add_label_noise(std::span<std::int32_t> labels, std::span<const int> members, int classes,
                     double probability, std::uint64_t seed);

}  // namespace vernier::engine
