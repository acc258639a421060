#include "search/initial_design.h"

#include <algorithm>

namespace vernier::search {

InitialDesign::InitialDesign(const Space& space, std::uint64_t seed, int size)
    : space_(&space),
      size_(size > 0 ? size : std::max(5, static_cast<int>(space.size()) + 1)),
      centre_(space.from_unit(space.centre())),
      draws_(space, seed),
      seen_(space) {}

std::optional<Config> InitialDesign::propose(const History& history) {
  seen_.update(history);
  if (!over(history) && !seen_.contains(centre_) && space_->satisfies(centre_)) return centre_;
  return draws_.propose(next_number(history), seen_);
}

}  // namespace vernier::search
