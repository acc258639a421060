// Stratified selections by seed. An example's rank within its class is a keyed permutation, so a selection depends on the seed,
// the labels and the count alone.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/rng.h"

namespace vernier::engine {

/// Why examples are selected: each purpose draws from its own counter of Stream::split.
enum class Selection : std::uint32_t {
  valid = 0,
  test = 1,
  train = 2,
  subset = 3,
  permute = 4,
  shift = 5,
  fold = 6
};

/// `count` of the `members` (indices of examples), in ascending order, each class by its share: counts are rounded by largest remainder, ties
/// to the lower class. Without classes (labels empty) a plain random selection. 0 <= count <= members.size().
std::vector<int> select_stratified(std::span<const int> members,
                                   std::span<const std::int32_t> labels, int classes, int count,
                                   std::uint64_t seed, Selection purpose);

/// Which of `folds` parts each of the members is in (0 .. folds-1): disjoint, of equal sizes but for one example, each class spread evenly.
std::vector<int> fold_of_each(std::span<const int> members, std::span<const std::int32_t> labels,
                              int classes, int folds, std::uint64_t seed);

/// The members that are not in `taken`; both ascending.
std::vector<int> without(std::span<const int> members, std::span<const int> taken);

}  // namespace vernier::engine
