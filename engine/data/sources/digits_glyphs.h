// The strokes of the built-in digits: several ways of writing each, as cubic curves in a unit square.
#pragma once
#include <span>
#include <vector>

namespace vernier::engine {

struct Point {
  double x, y;  // right and down, 0 .. 1
};

/// Cubic Bezier pieces: points 3k .. 3k+3 are one piece. Straight lines are pieces too.
using Stroke = std::vector<Point>;
using Glyph = std::vector<Stroke>;

/// The ways of writing `digit` (0 .. 9); at least three each.
std::span<const Glyph> digit_glyphs(int digit);

}  // namespace vernier::engine
