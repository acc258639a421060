// Dropout (Srivastava et al. 2014), inverted: kept units are multiplied by 1 / (1 - p) in training,
// nothing is done in evaluation. Whether a unit is kept is an integer comparison on keyed bits: the
// same mask on host and device.
#pragma once
#include <cstdint>

#include "core/rng.h"

namespace vernier::engine {

/// A unit is dropped where its 32 random bits are below this. p in [0, 1).
VERNIER_HD inline std::uint32_t dropout_threshold(double p) {
  return static_cast<std::uint32_t>(p * 4294967296.0);
}

/// What element e of dropout layer number `layer` is multiplied by at this update; e = example in
/// batch * units + unit, in the unpadded tensor. One block serves four elements: call it with e = 4
/// k and read v[0..3], or use keep_scale.
VERNIER_HD inline Philox4 dropout_bits(const RngKey& key, std::uint32_t layer, std::uint32_t update,
                                       std::uint64_t e) {
  return random_block(key, update, std::uint64_t{layer} << 48 | e >> 2);
}

VERNIER_HD inline float keep_scale(const RngKey& key, std::uint32_t layer, std::uint32_t update,
                                   std::uint64_t e, std::uint32_t threshold, float scale) {
  return dropout_bits(key, layer, update, e).v[e & 3] < threshold ? 0.0f : scale;
}

}  // namespace vernier::engine
