#include "engine/data/split.h"

#include <algorithm>
#include <iterator>
#include <numeric>

#include "core/shuffle.h"

namespace vernier::engine {
namespace {

/// How many of each class: floor of the exact share, the rest to the largest remainders.
std::vector<int> allot(std::span<const std::size_t> sizes, std::size_t total, int count) {
  std::vector<int> shares(sizes.size());
  std::vector<std::uint64_t> remainders(sizes.size());
  int given = 0;
  for (std::size_t c = 0; c < sizes.size(); ++c) {
    const std::uint64_t exact = std::uint64_t{sizes[c]} * static_cast<std::uint64_t>(count);
    shares[c] = static_cast<int>(exact / total);
    remainders[c] = exact % total;
    given += shares[c];
  }
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; given < count; ++i, ++given) ++shares[order[i]];
  return shares;
}

/// The members of each class, in order; all in one group where there are no labels.
std::vector<std::vector<int>> by_class(std::span<const int> members,
                                       std::span<const std::int32_t> labels, int classes) {
  std::vector<std::vector<int>> groups(labels.empty() ? 1 : static_cast<std::size_t>(classes));
  for (const int i : members) {
    const std::size_t group =
        labels.empty() ? 0 : static_cast<std::size_t>(labels[static_cast<std::size_t>(i)]);
    groups[group].push_back(i);
  }
  return groups;
}

}  // namespace

std::vector<int> select_stratified(std::span<const int> members,
                                   std::span<const std::int32_t> labels, int classes, int count,
                                   std::uint64_t seed, Selection purpose) {
  std::vector<int> selected;
  if (count == 0) return selected;
  const auto groups = by_class(members, labels, classes);
  std::vector<std::size_t> sizes;
  for (const auto& group : groups) sizes.push_back(group.size());
  const std::vector<int> shares = allot(sizes, members.size(), count);
  for (std::size_t c = 0; c < groups.size(); ++c) {
    if (groups[c].empty()) continue;
    const RngKey key{seed, Stream::split, static_cast<std::uint32_t>(c)};
    const Shuffle shuffle(groups[c].size(), key, static_cast<std::uint32_t>(purpose));
    for (int i = 0; i < shares[c]; ++i)
      selected.push_back(groups[c][shuffle(static_cast<std::uint64_t>(i))]);
  }
  std::sort(selected.begin(), selected.end());
  return selected;
}

std::vector<int> fold_of_each(std::span<const int> members, std::span<const std::int32_t> labels,
                              int classes, int folds, std::uint64_t seed) {
  const auto groups = by_class(members, labels, classes);
  // Class by class, in the order of its permutation, dealt out round the folds: the next class goes on where the last one ended.
  std::vector<int> fold(members.size());
  int next = 0;
  for (std::size_t c = 0; c < groups.size(); ++c) {
    if (groups[c].empty()) continue;
    const RngKey key{seed, Stream::split, static_cast<std::uint32_t>(c)};
    const Shuffle shuffle(groups[c].size(), key, static_cast<std::uint32_t>(Selection::fold));
    for (std::size_t i = 0; i < groups[c].size(); ++i) {
      const int member = groups[c][shuffle(i)];
      const auto at = std::lower_bound(members.begin(), members.end(), member) - members.begin();
      fold[static_cast<std::size_t>(at)] = next;
      next = (next + 1) % folds;
    }
  }
  return fold;
}

std::vector<int> without(std::span<const int> members, std::span<const int> taken) {
  std::vector<int> rest;
  std::set_difference(members.begin(), members.end(), taken.begin(), taken.end(),
                      std::back_inserter(rest));
  return rest;
}

}  // namespace vernier::engine
