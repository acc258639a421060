#include "engine/data/move.h"

#include <algorithm>

#include "core/rng.h"
#include "core/shuffle.h"
#include "engine/data/split.h"

namespace vernier::engine {
namespace {

std::size_t product(std::span<const int> shape) {
  std::size_t all = 1;
  for (const int size : shape) all *= static_cast<std::size_t>(size);
  return all;
}

}  // namespace

void shift_images(std::span<float> x, std::span<const int> shape, int most, std::uint64_t seed,
                  std::uint32_t part) {
  const std::size_t features = product(shape);
  const int height = shape[0], width = shape[1];
  const auto channels = static_cast<std::size_t>(shape[2]);
  std::vector<float> moved(features);
  for (std::size_t n = 0; n * features < x.size(); ++n) {
    Rng rng({seed, Stream::split, part << 8 | static_cast<std::uint32_t>(Selection::shift)},
            static_cast<std::uint32_t>(n));
    const auto draw = [&] {
      return static_cast<int>(rng.below(static_cast<std::uint64_t>(2 * most) + 1)) - most;
    };
    const int down = draw(), right = draw();
    const auto image = x.subspan(n * features, features);
    float* out = moved.data();
    for (int row = 0; row < height; ++row) {
      for (int column = 0; column < width; ++column, out += channels) {
        const int r = std::clamp(row - down, 0, height - 1);
        const int c = std::clamp(column - right, 0, width - 1);
        std::copy_n(image.data() + static_cast<std::size_t>(r * width + c) * channels, channels,
                    out);
      }
    }
    std::copy(moved.begin(), moved.end(), image.begin());
  }
}

void permute_pixels(std::span<float> x, std::span<const int> shape, std::uint64_t seed) {
  const std::size_t features = product(shape);
  const std::size_t channels = shape.size() == 3 ? static_cast<std::size_t>(shape[2]) : 1;
  const std::size_t pixels = features / channels;
  const Shuffle shuffle(pixels, {seed, Stream::split, 0},
                        static_cast<std::uint32_t>(Selection::permute));
  std::vector<std::size_t> from(pixels);
  for (std::size_t p = 0; p < pixels; ++p) from[p] = shuffle(p) * channels;
  std::vector<float> moved(features);
  for (std::size_t at = 0; at < x.size(); at += features) {
    const auto example = x.subspan(at, features);
    for (std::size_t p = 0; p < pixels; ++p)
      std::copy_n(example.data() + from[p], channels, moved.data() + p * channels);
    std::copy(moved.begin(), moved.end(), example.begin());
  }
}

}  // namespace vernier::engine
