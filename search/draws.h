// The common rule of samplers that draw without a model.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>

#include "search/seen.h"
#include "search/space.h"

namespace vernier::search {

/// The number of the trial that is proposed next: one more than the last.
int next_number(const History& history);

/// The first of draw(0), draw(1), ... that is not in `seen` and satisfies the constraints. After 1,000 misses a finite space of up
/// to 1e6 configurations is listed and one of the remaining ones is taken, by a hash of (seed, number); other spaces are drawn
/// from up to 200,000 times. nullopt: exhausted.
std::optional<Config> first_new(const Space& space, const Seen& seen, std::uint64_t seed,
                                int number, const std::function<Config(std::uint32_t)>& draw);

}  // namespace vernier::search
