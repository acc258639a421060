#include "engine/data/sources/digits_render.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/data/sources/digits_glyphs.h"
#include "engine/math/portable.h"

namespace vernier::engine {
namespace {

using Canvas = std::array<double, digit_size * digit_size>;

/// Random numbers of one image.
class Draw {
 public:
  Draw(const RngKey& key, std::uint32_t index) : rng_(key, index) {}
  double between(double least, double most) { return least + (most - least) * rng_.uniform(); }
  double around(double spread) { return between(-spread, spread); }
  int below(std::size_t n) { return static_cast<int>(rng_.below(n)); }
  std::uint32_t bits() { return rng_(); }
  double normal() { return portable_normal({{rng_(), rng_(), rng_(), rng_()}}); }

 private:
  Rng rng_;
};

/// Glyph coordinates -> pixels: elastic waves, then rotation, shear, scale and translation about the centre.
struct Warp {
  struct Wave {
    double fx, fy, phase, dx, dy;
  };
  std::array<Wave, 2> waves;
  double a, b, c, d, tx, ty;

  Warp(const DigitDistortion& how, Draw& draw) {
    for (Wave& wave : waves) {
      wave = {draw.around(7), draw.around(7), draw.around(pi), draw.around(how.elastic),
              draw.around(how.elastic)};
    }
    double sine, cosine;
    portable_sincos(draw.around(how.rotation), sine, cosine);
    const double shear = draw.around(how.shear);
    const double height = digit_size * draw.between(how.least_scale, how.most_scale);
    const double width = digit_size * draw.between(how.least_scale, how.most_scale);
    a = width * cosine;
    b = width * (cosine * -shear) - height * sine;
    c = width * sine;
    d = width * (sine * -shear) + height * cosine;
    tx = digit_size / 2.0 + draw.around(how.translation);
    ty = digit_size / 2.0 + draw.around(how.translation);
  }

  Point operator()(Point p) const {
    double x = p.x - 0.5;
    double y = p.y - 0.5;
    for (const Wave& wave : waves) {
      const double s = portable_sin(wave.fx * p.x + wave.fy * p.y + wave.phase);
      x += wave.dx * s;
      y += wave.dy * s;
    }
    return {a * x + b * y + tx, c * x + d * y + ty};
  }
};

/// Inks the pixels near the segment from p to q: full within `width`, fading over one pixel.
void ink_segment(Canvas& canvas, Point p, Point q, double width, double ink) {
  const double reach = width + 0.5;
  const auto first = [&](double low) {
    return static_cast<int>(std::clamp(low - reach, 0.0, 27.0));
  };
  const auto last = [&](double high) {
    return static_cast<int>(std::clamp(high + reach, 0.0, 27.0));
  };
  const double vx = q.x - p.x;
  const double vy = q.y - p.y;
  const double length2 = std::max(vx * vx + vy * vy, 1e-12);
  for (int row = first(std::min(p.y, q.y)); row <= last(std::max(p.y, q.y)); ++row) {
    for (int column = first(std::min(p.x, q.x)); column <= last(std::max(p.x, q.x)); ++column) {
      const double px = column + 0.5 - p.x;
      const double py = row + 0.5 - p.y;
      const double along = std::clamp((px * vx + py * vy) / length2, 0.0, 1.0);
      const double dx = px - along * vx;
      const double dy = py - along * vy;
      const double distance2 = dx * dx + dy * dy;
      if (distance2 >= reach * reach) continue;
      double& pixel = canvas[static_cast<std::size_t>(row * digit_size + column)];
      pixel = std::max(pixel, ink * std::min(reach - std::sqrt(distance2), 1.0));
    }
  }
}

Point on_curve(const Point* p, double t) {
  const double s = 1 - t;
  const double w0 = s * s * s, w1 = 3 * s * s * t, w2 = 3 * s * t * t, w3 = t * t * t;
  return {w0 * p[0].x + w1 * p[1].x + w2 * p[2].x + w3 * p[3].x,
          w0 * p[0].y + w1 * p[1].y + w2 * p[2].y + w3 * p[3].y};
}

void draw_glyph(Canvas& canvas, const Glyph& glyph, const DigitDistortion& how, Draw& draw) {
  const Warp warp(how, draw);
  const double width = draw.between(how.least_width, how.most_width);
  const double ink = draw.between(0.65, 1.0);
  constexpr int pieces = 7;
  for (Stroke stroke : glyph) {
    for (Point& point : stroke) {
      point.x += how.control_jitter * draw.normal();
      point.y += how.control_jitter * draw.normal();
    }
    for (std::size_t k = 0; k + 3 < stroke.size(); k += 3) {
      Point from = warp(stroke[k]);
      for (int i = 1; i <= pieces; ++i) {
        const Point to = warp(on_curve(&stroke[k], static_cast<double>(i) / pieces));
        ink_segment(canvas, from, to, width, ink);
        from = to;
      }
    }
  }
}

void draw_clutter(Canvas& canvas, const DigitDistortion& how, Draw& draw) {
  const int strokes = draw.below(static_cast<std::size_t>(how.most_clutter) + 1);
  for (int i = 0; i < strokes; ++i) {
    const Point from{draw.between(0, digit_size), draw.between(0, digit_size)};
    const Point to{from.x + draw.around(7), from.y + draw.around(7)};
    ink_segment(canvas, from, to, draw.between(0.3, 1.0), draw.between(0.4, 0.9));
  }
}

}  // namespace

void render_digit(const DigitDistortion& distortion, int digit, const RngKey& key,
                  std::uint32_t index, std::span<std::uint8_t> pixels) {
  Draw draw(key, index);
  Canvas canvas{};
  const auto glyphs = digit_glyphs(digit);
  draw_glyph(canvas, glyphs[static_cast<std::size_t>(draw.below(glyphs.size()))], distortion, draw);
  draw_clutter(canvas, distortion, draw);
  if (draw.between(0, 1) < distortion.inverted) {
    for (double& pixel : canvas) pixel = 1 - pixel;
  }
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    // The sum of four bytes has mean 510 and deviation 147.8: near enough to a normal distribution, at a fortieth of the time.
    const std::uint32_t bits = draw.bits();
    const double sum = (bits & 255) + (bits >> 8 & 255) + (bits >> 16 & 255) + (bits >> 24);
    const double value = 255 * (canvas[i] + distortion.noise * (sum - 510) / 147.8);
    pixels[i] = static_cast<std::uint8_t>(std::clamp(value + 0.5, 0.0, 255.0));
  }
}

}  // namespace vernier::engine
