#include "engine/data/sources/digits_street.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "core/rng.h"
#include "engine/data/sources/digits_render.h"

namespace vernier::engine {
namespace {

using Colour = std::array<double, 3>;
using Ink = std::array<double, street_size * street_size>;

double between(Rng& rng, double least, double most) {
  return least + (most - least) * rng.uniform();
}

double brightness(const Colour& c) { return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2]; }

Colour draw_colour(Rng& rng) {
  return {between(rng, 10, 245), between(rng, 10, 245), between(rng, 10, 245)};
}

/// Adds a digit whose 28 x 28 pixels begin at (left, top), which may lie outside in part.
void add_digit(Ink& ink, int digit, const RngKey& key, std::uint32_t index, int left, int top) {
  DigitDistortion distortion;
  distortion.most_clutter = 0;
  distortion.noise = 0;
  distortion.inverted = 0;
  std::array<std::uint8_t, digit_size * digit_size> drawn;
  render_digit(distortion, digit, key, index, drawn);
  for (int row = 0; row < digit_size; ++row) {
    for (int column = 0; column < digit_size; ++column) {
      const int r = top + row, c = left + column;
      if (r < 0 || r >= street_size || c < 0 || c >= street_size) continue;
      double& at = ink[static_cast<std::size_t>(r * street_size + c)];
      at = std::max(at, drawn[static_cast<std::size_t>(row * digit_size + column)] / 255.0);
    }
  }
}

}  // namespace

void render_street(int digit, std::uint64_t seed, std::uint32_t part, std::uint32_t index,
                   std::span<std::uint8_t> pixels) {
  const auto key = [&](std::uint32_t what) {
    return RngKey{seed, Stream::data, 16 + 8 * part + what};
  };
  Rng rng(key(0), index);
  Ink ink{};
  add_digit(ink, digit, key(1), index, 2, 2);
  // Beside it to the left and to the right, mostly cut off: what a crop from a house number looks like.
  for (const int side : {-1, 1}) {
    const bool stands = rng.uniform() < 0.6;
    const int neighbour = static_cast<int>(rng.below(10));
    const int distance = static_cast<int>(between(rng, 18, 23));
    const int top = static_cast<int>(between(rng, 0, 5));
    if (stands) add_digit(ink, neighbour, key(side < 0 ? 2 : 3), index, 2 + side * distance, top);
  }
  const Colour ground = draw_colour(rng);
  Colour paint = draw_colour(rng);
  while (std::fabs(brightness(paint) - brightness(ground)) < 45) paint = draw_colour(rng);
  const double light = between(rng, 0.6, 1.1);
  const double down = between(rng, -0.25, 0.25), right = between(rng, -0.25, 0.25);
  const double noise = between(rng, 2, 14);
  for (std::size_t p = 0; p < ink.size(); ++p) {
    const double y = static_cast<double>(p / street_size) / (street_size - 1) - 0.5;
    const double x = static_cast<double>(p % street_size) / (street_size - 1) - 0.5;
    const double shade = light * (1 + 2 * (down * y + right * x));
    for (std::size_t c = 0; c < 3; ++c) {
      const std::uint32_t bits = rng();  // near enough to normal, as in digits_render.cpp
      const double sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24);
      const double value =
          shade * (ground[c] + (paint[c] - ground[c]) * ink[p]) + noise * (sum - 510) / 147.8;
      pixels[3 * p + c] = static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
    }
  }
}

}  // namespace vernier::engine
