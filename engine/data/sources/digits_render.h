// Renders one distorted digit: a glyph with moved control points, an affine map, a smooth elastic field, a stroke width, clutter and noise.
// The pixels depend on the key and the index alone, with arithmetic that is the same on every machine.
#pragma once
#include <cstdint>
#include <span>

#include "core/rng.h"

namespace vernier::engine {

inline constexpr int digit_size = 28;  // pixels in height and width

/// How strongly digits are distorted: deviations or ranges, lengths in glyph heights where nothing else is said. The values were
/// chosen by measurement (engine/data/README.md) and are part of the data set.
struct DigitDistortion {
  double control_jitter = 0.022;                 // deviation of each control point
  double rotation = 0.18;                        // radians, uniform in +-
  double shear = 0.22;                           // uniform in +-
  double least_scale = 0.70, most_scale = 0.88;  // of 28 pixels, per axis
  double translation = 1.4;                      // pixels, uniform in +-
  double elastic = 0.04;                         // amplitude of each of the two waves
  double least_width = 1.0, most_width = 1.8;    // half the stroke, pixels
  int most_clutter = 1;   // short strokes that belong to nothing, 0 .. this many
  double noise = 0.06;    // deviation, of full ink
  double inverted = 0.1;  // share of dark digits on a light ground: no single template fits both
};

/// pixels: 28 x 28, 0 .. 255. digit: 0 .. 9.
void render_digit(const DigitDistortion& distortion, int digit, const RngKey& key,
                  std::uint32_t index, std::span<std::uint8_t> pixels);

}  // namespace vernier::engine
