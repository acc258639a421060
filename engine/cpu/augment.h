// A training batch whose images are augmented on the way in (engine/math/augment.h).
#pragma once
#include "core/rng.h"
#include "core/shuffle.h"
#include "engine/math/augment.h"
#include "engine/plan/images.h"

namespace vernier::engine::cpu {

/// to (rows, features): examples order(first), order(first + 1), ... of `from`, augmented.
void gather_augmented(float* to, const float* from, int rows, const vernier::Shuffle& order,
                      int first, const AugmentRule& rule, const RngKey& key, std::uint32_t update);
/// The same into images.
void gather_images_augmented(float* to, const float* from, const Images& images,
                             const vernier::Shuffle& order, int first, const AugmentRule& rule,
                             const RngKey& key, std::uint32_t update);

}  // namespace vernier::engine::cpu
