// What may be done to examples before they are prepared: moving images, and permuting their pixels.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace vernier::engine {

/// Moves each image (height, width, channels) by up to `most` pixels down or up, right or left, its border continued outwards. How far depends on the
/// seed, `part` and the image's place alone.
void shift_images(std::span<float> x, std::span<const int> shape, int most, std::uint64_t seed,
                  std::uint32_t part);

/// One permutation of the pixels (features, where the examples are no images) for all examples; channels stay together.
void permute_pixels(std::span<float> x, std::span<const int> shape, std::uint64_t seed);

}  // namespace vernier::engine
