#include "engine/data/label_noise.h"

#include "core/rng.h"

namespace vernier::engine {

void add_label_noise(std::span<std::int32_t> labels, std::span<const int> members, int classes,
                     double probability, std::uint64_t seed) {
  const RngKey key{seed, Stream::label_noise, 0};
  for (const int member : members) {
    const Philox4 bits = random_block(key, 0, static_cast<std::uint64_t>(member));
    if (unit_double(bits.v[0], bits.v[1]) >= probability) continue;
    // The multiply-shift draw is biased by less than classes / 2^32.
    labels[static_cast<std::size_t>(member)] = static_cast<std::int32_t>(
        std::uint64_t{bits.v[2]} * static_cast<std::uint64_t>(classes) >> 32);
  }
}

}  // namespace vernier::engine
