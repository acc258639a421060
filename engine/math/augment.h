// Augmentation of training images, each example anew at every update. What is done to an image is a function of (key, update, place in the
// batch) alone, and each kind draws its own bits: turning one on changes no other. Positions are decided by integers; values use + - x only.
//
// In this order: mirror image (flip), random crop of the image with `crop` pixels of zeros around it (as torchvision's RandomCrop), translation by
// up to +-shift pixels and zoom by a factor in 1 +- scale about the centre, both with bilinear sampling, contrast about the image's mean by a
// factor in 1 +- contrast, brightness in +-brightness for all and jitter in +-jitter per channel, added, and a square of `cutout` pixels'
// side at a random centre set to 0 (DeVries and Taylor 2017). What comes from outside the image is 0 too: the mean, where the data are
// standardised.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/rng.h"

namespace vernier::engine {

struct AugmentRule {
  double flip = 0;
  int crop = 0;
  double shift = 0, scale = 0, brightness = 0, contrast = 0, jitter = 0;
  int cutout = 0;
  int height = 1, width = 1, channels = 1;

  VERNIER_HD bool on() const {
    return flip > 0 || crop > 0 || resamples() || recolours() || cutout > 0;
  }
  VERNIER_HD bool resamples() const { return shift > 0 || scale > 0; }
  VERNIER_HD bool recolours() const { return brightness > 0 || contrast > 0 || jitter > 0; }
};

/// What one image undergoes.
struct AugmentDraw {
  bool flip = false;
  int down = 0, right = 0;                   // of the crop, -crop .. crop
  float step = 1, shift_y = 0, shift_x = 0;  // pixels of the source per pixel, and where it begins
  float contrast = 1, brightness = 0;
  int cut_row = 0, cut_column = 0;  // first of the square; it may lie outside in part
};

namespace detail {
/// Uniform in 0 .. n-1; bias below n / 2^32.
VERNIER_HD inline int below(std::uint32_t bits, int n) {
  return static_cast<int>(std::uint64_t{bits} * static_cast<std::uint64_t>(n) >> 32);
}
/// Uniform in [-1, 1).
VERNIER_HD inline float both_sides(std::uint32_t bits) { return 2 * unit_float(bits) - 1; }
VERNIER_HD inline Philox4 augment_bits(const RngKey& key, std::uint32_t update, std::uint64_t row,
                                       std::uint64_t block) {
  return random_block(key, update, row << 16 | block);
}
}  // namespace detail

/// key: of Stream::augment. row: the image's place in the batch.
VERNIER_HD inline AugmentDraw draw_augmentation(const AugmentRule& rule, const RngKey& key,
                                                std::uint32_t update, std::uint64_t row) {
  const Philox4 a = detail::augment_bits(key, update, row, 0);
  const Philox4 b = detail::augment_bits(key, update, row, 1);
  const Philox4 c = detail::augment_bits(key, update, row, 2);
  AugmentDraw draw;
  draw.flip = a.v[0] < static_cast<std::uint64_t>(rule.flip * 4294967296.0);
  draw.down = detail::below(a.v[1], 2 * rule.crop + 1) - rule.crop;
  draw.right = detail::below(a.v[2], 2 * rule.crop + 1) - rule.crop;
  draw.step = 1 + static_cast<float>(rule.scale) * detail::both_sides(a.v[3]);
  draw.shift_y = static_cast<float>(rule.shift) * detail::both_sides(b.v[0]);
  draw.shift_x = static_cast<float>(rule.shift) * detail::both_sides(b.v[1]);
  draw.brightness = static_cast<float>(rule.brightness) * detail::both_sides(b.v[2]);
  draw.contrast = 1 + static_cast<float>(rule.contrast) * detail::both_sides(b.v[3]);
  draw.cut_row = detail::below(c.v[0], rule.height) - rule.cutout / 2;
  draw.cut_column = detail::below(c.v[1], rule.width) - rule.cutout / 2;
  return draw;
}

/// What is added to a channel beside the brightness.
VERNIER_HD inline float channel_jitter(const AugmentRule& rule, const RngKey& key,
                                       std::uint32_t update, std::uint64_t row, int channel) {
  if (rule.jitter <= 0) return 0;
  const auto c = static_cast<std::uint64_t>(channel);
  return static_cast<float>(rule.jitter) *
         detail::both_sides(detail::augment_bits(key, update, row, 3 + c / 4).v[c % 4]);
}

/// A pixel of the image (height, width, channels), 0 outside. `image`: numbers by their place.
template <class Image>
VERNIER_HD inline float pixel_or_zero(const AugmentRule& rule, const Image& image, int row,
                                      int column, int channel) {
  if (row < 0 || row >= rule.height || column < 0 || column >= rule.width) return 0;
  return image[(static_cast<std::size_t>(row) * static_cast<std::size_t>(rule.width) +
                static_cast<std::size_t>(column)) *
                   static_cast<std::size_t>(rule.channels) +
               static_cast<std::size_t>(channel)];
}

/// The pixel that comes to (row, column): its place alone, before colours and cutout.
template <class Image>
VERNIER_HD inline float moved_pixel(const AugmentRule& rule, const AugmentDraw& draw,
                                    const Image& image, int row, int column, int channel) {
  if (draw.flip) column = rule.width - 1 - column;
  row += draw.down;
  column += draw.right;
  if (!rule.resamples()) return pixel_or_zero(rule, image, row, column, channel);
  const float middle_y = 0.5f * static_cast<float>(rule.height - 1);
  const float middle_x = 0.5f * static_cast<float>(rule.width - 1);
  const float y = (static_cast<float>(row) - middle_y) * draw.step + middle_y + draw.shift_y;
  const float x = (static_cast<float>(column) - middle_x) * draw.step + middle_x + draw.shift_x;
  int top = static_cast<int>(y), left = static_cast<int>(x);
  if (y < static_cast<float>(top)) --top;
  if (x < static_cast<float>(left)) --left;
  const float v = y - static_cast<float>(top), u = x - static_cast<float>(left);
  const float above = (1 - u) * pixel_or_zero(rule, image, top, left, channel) +
                      u * pixel_or_zero(rule, image, top, left + 1, channel);
  const float under = (1 - u) * pixel_or_zero(rule, image, top + 1, left, channel) +
                      u * pixel_or_zero(rule, image, top + 1, left + 1, channel);
  return (1 - v) * above + v * under;
}

VERNIER_HD inline bool is_cut(const AugmentRule& rule, const AugmentDraw& draw, int row,
                              int column) {
  return row >= draw.cut_row && row < draw.cut_row + rule.cutout && column >= draw.cut_column &&
         column < draw.cut_column + rule.cutout;
}

/// A whole image, `to` and `from` (height, width, channels).
VERNIER_HD inline void augment_image(const AugmentRule& rule, const RngKey& key,
                                     std::uint32_t update, std::uint64_t row, const float* from,
                                     float* to) {
  const AugmentDraw draw = draw_augmentation(rule, key, update, row);
  const auto channels = static_cast<std::size_t>(rule.channels);
  const std::size_t area =
      static_cast<std::size_t>(rule.height) * static_cast<std::size_t>(rule.width);
  float* out = to;
  for (int i = 0; i < rule.height; ++i) {
    for (int j = 0; j < rule.width; ++j) {
      for (int c = 0; c < rule.channels; ++c) *out++ = moved_pixel(rule, draw, from, i, j, c);
    }
  }
  if (rule.recolours()) {
    float sum = 0;
    for (std::size_t p = 0; p < area * channels; ++p) sum += to[p];
    const float middle = sum * (1 / static_cast<float>(area * channels));
    for (std::size_t c = 0; c < channels; ++c) {
      const float lift =
          draw.brightness + middle + channel_jitter(rule, key, update, row, static_cast<int>(c));
      for (std::size_t p = 0; p < area; ++p) {
        float& value = to[p * channels + c];
        value = (value - middle) * draw.contrast + lift;
      }
    }
  }
  if (rule.cutout <= 0) return;
  out = to;
  for (int i = 0; i < rule.height; ++i) {
    for (int j = 0; j < rule.width; ++j) {
      for (int c = 0; c < rule.channels; ++c, ++out) {
        if (is_cut(rule, draw, i, j)) *out = 0;
      }
    }
  }
}

}  // namespace vernier::engine
