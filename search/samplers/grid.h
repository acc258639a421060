// Every configuration once.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// All combinations of the parameters' values, in an order shuffled by the seed; trial after trial the first that has not been tried
/// and satisfies constraints and conditions, so any history is continued to full coverage. nullopt: all have been tried (or ten
/// million in a row violate the constraints).
/// Option `points` (1 .. 10000): a float without step takes so many values, equally far apart on its scale, both ends included (1:
/// the centre). Without it such a float is a UsageError that says how many combinations the others have.
std::unique_ptr<Sampler> make_grid(const SamplerContext& context);

}  // namespace vernier::search
