#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/images.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstddef>

#include "engine/cpu/kernels.h"
#include "hwy/highway.h"

// Plain loops over the 16 examples of a line, which the compiler vectorises once per instruction set.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

inline constexpr std::size_t line = Images::block;

/// One block from up to 16 examples (height, width, channels); null: an example of zeros.
void BlockFromRows(float* HWY_RESTRICT to, const float* const (&rows)[line], const Images& images) {
  const auto channels = static_cast<std::size_t>(images.channels);
  for (std::size_t p = 0; p < images.area(); ++p) {
    for (std::size_t c = 0; c < channels; ++c) {
      float* out = to + c * images.plane() + p * line;
      for (std::size_t k = 0; k < line; ++k) out[k] = rows[k][p * channels + c];
    }
  }
}

void BlockToRows(float* HWY_RESTRICT to, const float* HWY_RESTRICT from, const Images& images,
                 std::size_t valid) {
  const auto channels = static_cast<std::size_t>(images.channels);
  const std::size_t features = images.area() * channels;
  for (std::size_t p = 0; p < images.area(); ++p) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float* in = from + c * images.plane() + p * line;
      for (std::size_t k = 0; k < valid; ++k) to[k * features + p * channels + c] = in[k];
    }
  }
}

void ChannelSums(float* to, const float* from, const Images& images) {
  const std::size_t floats = images.area() * line;
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.channels); ++c) {
    double all = 0;
    for (std::size_t b = 0; b < images.blocks(); ++b) {
      const float* HWY_RESTRICT plane = from + b * images.stride() + c * images.plane();
      alignas(64) float sums[line] = {};
      for (std::size_t i = 0; i < floats; i += line) {
        for (std::size_t k = 0; k < line; ++k) sums[k] += plane[i + k];
      }
      for (float sum : sums) all += static_cast<double>(sum);
    }
    to[c] = static_cast<float>(all);
  }
}

void Add(float* y, const float* a, const float* b, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) y[i] = a[i] + b[i];
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include <vector>

namespace vernier::engine::cpu {
HWY_EXPORT(BlockFromRows);
HWY_EXPORT(BlockToRows);
HWY_EXPORT(ChannelSums);
HWY_EXPORT(Add);

namespace {

/// F: const float*(example).
template <class F>
void blocks_from_examples(float* to, const Images& images, F&& example) {
  const std::vector<float> zeros(images.area() * static_cast<std::size_t>(images.channels), 0.0f);
  const auto rows = static_cast<std::size_t>(images.rows);
  for (std::size_t b = 0; b < images.blocks(); ++b) {
    const float* sources[Images::block];
    for (std::size_t k = 0; k < Images::block; ++k) {
      const std::size_t r = b * Images::block + k;
      sources[k] = r < rows ? example(r) : zeros.data();
    }
    HWY_DYNAMIC_DISPATCH(BlockFromRows)(to + b * images.stride(), sources, images);
  }
}

std::size_t features_of(const Images& images) {
  return images.area() * static_cast<std::size_t>(images.channels);
}

}  // namespace

void gather_images(float* to, const float* from, const Images& images,
                   const vernier::Shuffle& order, int first) {
  blocks_from_examples(to, images, [&](std::size_t r) {
    return from + order(static_cast<std::uint64_t>(first) + r) * features_of(images);
  });
}

void images_from_rows(float* to, const float* from, const Images& images) {
  blocks_from_examples(to, images, [&](std::size_t r) { return from + r * features_of(images); });
}

void rows_from_images(float* to, const float* from, const Images& images) {
  const auto rows = static_cast<std::size_t>(images.rows);
  for (std::size_t b = 0; b < images.blocks(); ++b) {
    const std::size_t first = b * Images::block;
    HWY_DYNAMIC_DISPATCH(BlockToRows)
    (to + first * features_of(images), from + b * images.stride(), images,
     std::min<std::size_t>(Images::block, rows - first));
  }
}

void channel_sums(float* to, const float* from, const Images& images) {
  HWY_DYNAMIC_DISPATCH(ChannelSums)(to, from, images);
}

void add(float* y, const float* a, const float* b, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(Add)(y, a, b, count);
}

void place_channels(float* to, const float* from, const Images& whole, const Images& part,
                    int channel, bool back) {
  const std::size_t shift = static_cast<std::size_t>(channel) * whole.plane();
  for (std::size_t b = 0; b < part.blocks(); ++b) {
    if (back) {
      std::copy_n(from + b * whole.stride() + shift, part.stride(), to + b * part.stride());
    } else {
      std::copy_n(from + b * part.stride(), part.stride(), to + b * whole.stride() + shift);
    }
  }
}

namespace {

/// F: void(offset in the input, offset in the output) for every line that the shortcut keeps.
template <class F>
void each_kept_line(const Images& input, const Images& output, int stride, F&& visit) {
  for (std::size_t b = 0; b < output.blocks(); ++b) {
    for (int c = 0; c < input.channels; ++c) {
      const std::size_t from = b * input.stride() + static_cast<std::size_t>(c) * input.plane();
      const std::size_t to = b * output.stride() + static_cast<std::size_t>(c) * output.plane();
      for (int i = 0; i < output.height; ++i) {
        for (int j = 0; j < output.width; ++j) {
          visit(from +
                    static_cast<std::size_t>(i * stride * input.width + j * stride) * Images::block,
                to + static_cast<std::size_t>(i * output.width + j) * Images::block);
        }
      }
    }
  }
}

}  // namespace

void pad_shortcut(const Images& input, const float* x, const Images& output, float* y, int stride) {
  std::fill_n(y, output.count(), 0.0f);
  each_kept_line(input, output, stride, [&](std::size_t from, std::size_t to) {
    std::copy_n(x + from, Images::block, y + to);
  });
}

void pad_shortcut_gradient(const Images& input, float* dx, const Images& output, const float* dy,
                           int stride) {
  std::fill_n(dx, input.count(), 0.0f);
  each_kept_line(input, output, stride, [&](std::size_t from, std::size_t to) {
    std::copy_n(dy + to, Images::block, dx + from);
  });
}

}  // namespace vernier::engine::cpu
#endif
