#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/weight_gradient_by_filters.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/cpu/conv_weight_gradient.h"
#include "hwy/highway.h"

// A weight's gradients for 16 or 32 filters lie side by side in vectors, each input value is spread over one: as in a matrix product of
// (inputs, pixels x examples) and (pixels x examples, filters).
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, Images::block>;
using V = hn::Vec<D>;

inline constexpr std::size_t lanes = HWY_MIN(HWY_LANES(float), Images::block);
inline constexpr int block = Images::block;
inline constexpr int vectors = static_cast<int>(block / lanes);  // of 16 filters
// Filters and inputs at a time: 24 sums (12 where there are 16 registers), inputs that share a tile first.
inline constexpr int wide_tile = vectors == 1 ? 2 * block : block;
inline constexpr int sums = vectors == 1 ? 24 : HWY_MAX(12, vectors);
inline constexpr int pixels_at_once = 64;

/// to[example][filter] = from[filter][example] for 16 filters, `tile` floats apart in `to`; those from `count` on are 0.
void Transpose(const float* HWY_RESTRICT from, std::size_t plane, int count, float* HWY_RESTRICT to,
               std::size_t tile) {
#if HWY_TARGET == HWY_SCALAR
  for (std::size_t e = 0; e < block; ++e) {
    for (int f = 0; f < block; ++f)
      to[e * tile + static_cast<std::size_t>(f)] =
          f < count ? from[static_cast<std::size_t>(f) * plane + e] : 0.0f;
  }
#else
  const D d;
  const hn::Repartition<double, D> pairs;
  for (int f = 0; f < block; f += 4) {
    for (std::size_t e = 0; e < block; e += lanes) {
      V row[4];
      for (int i = 0; i < 4; ++i) {
        row[i] = f + i < count ? hn::Load(d, from + static_cast<std::size_t>(f + i) * plane + e)
                               : hn::Zero(d);
      }
      const auto low01 = hn::BitCast(pairs, hn::InterleaveLower(d, row[0], row[1]));
      const auto high01 = hn::BitCast(pairs, hn::InterleaveUpper(d, row[0], row[1]));
      const auto low23 = hn::BitCast(pairs, hn::InterleaveLower(d, row[2], row[3]));
      const auto high23 = hn::BitCast(pairs, hn::InterleaveUpper(d, row[2], row[3]));
      HWY_ALIGN float turned[4][lanes];  // [i]: examples i, i + 4, ... of these, four filters each
      hn::Store(hn::BitCast(d, hn::InterleaveLower(pairs, low01, low23)), d, turned[0]);
      hn::Store(hn::BitCast(d, hn::InterleaveUpper(pairs, low01, low23)), d, turned[1]);
      hn::Store(hn::BitCast(d, hn::InterleaveLower(pairs, high01, high23)), d, turned[2]);
      hn::Store(hn::BitCast(d, hn::InterleaveUpper(pairs, high01, high23)), d, turned[3]);
      for (std::size_t b = 0; b < lanes; b += 4) {
        for (std::size_t i = 0; i < 4; ++i)
          std::memcpy(to + (e + b + i) * tile + f, turned[i] + b, 4 * sizeof(float));
      }
    }
  }
#endif
}

/// One place of the window over some rows: x and dy of the first valid pixel of each, which are `step` and 16 tiles apart.
struct Line {
  const float* x;   // of the first input
  const float* dy;  // turned round
  int count;
};

/// dw (W inputs, `filters` apart, of T x lanes filters) += the sums over `lines`.
template <int T, int W>
void AddTile(const Line* lines, int count, std::size_t plane, std::size_t step,
             float* HWY_RESTRICT dw, std::size_t filters, int valid) {
  const D d;
  constexpr std::size_t tile = T * lanes;
  V sum[W][T];
#pragma GCC unroll 32
  for (int w = 0; w < W; ++w) {
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) sum[w][t] = hn::Zero(d);
  }
  for (const Line* line = lines; line != lines + count; ++line) {
    const float* HWY_RESTRICT g = line->dy;
    const float* HWY_RESTRICT from = line->x;
    for (int p = 0; p < line->count; ++p, from += step) {
      constexpr int share = 3;  // inputs that are reached from one pointer
      constexpr int bases = (W + share - 1) / share;
      const float* base[bases];
#pragma GCC unroll 16
      for (int b = 0; b < bases; ++b) base[b] = from + static_cast<std::size_t>(b * share) * plane;
      for (int e = 0; e < block; e += 4) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i, g += tile) {
          V gradient[T];
#pragma GCC unroll 8
          for (int t = 0; t < T; ++t)
            gradient[t] = hn::Load(d, g + static_cast<std::size_t>(t) * lanes);
#pragma GCC unroll 32
          for (int w = 0; w < W; ++w) {
            const V value = hn::Set(d, base[w / share][static_cast<std::size_t>(w % share) * plane +
                                                       static_cast<std::size_t>(e + i)]);
#pragma GCC unroll 8
            for (int t = 0; t < T; ++t) sum[w][t] = hn::MulAdd(gradient[t], value, sum[w][t]);
          }
        }
      }
    }
  }
#pragma GCC unroll 32
  for (int w = 0; w < W; ++w) {
    HWY_ALIGN float all[tile];
#pragma GCC unroll 8
    for (int t = 0; t < T; ++t) hn::Store(sum[w][t], d, all + static_cast<std::size_t>(t) * lanes);
    for (int f = 0; f < valid; ++f) dw[static_cast<std::size_t>(w) * filters + f] += all[f];
  }
}

using TileFunction = void (*)(const Line*, int, std::size_t, std::size_t, float*, std::size_t, int);

template <int T, int... W>
TileFunction Pick(int inputs, std::integer_sequence<int, W...>) {
  static constexpr TileFunction functions[] = {&AddTile<T, W + 1>...};
  return functions[inputs - 1];
}

/// For tiles of 16 or of wide_tile filters.
int InputsAtOnce(int tile) { return sums / (tile / static_cast<int>(lanes)); }
TileFunction TileOf(int tile, int inputs) {
  constexpr int narrow = block / static_cast<int>(lanes),
                wide = wide_tile / static_cast<int>(lanes);
  if (tile == wide_tile) return Pick<wide>(inputs, std::make_integer_sequence<int, sums / wide>());
  return Pick<narrow>(inputs, std::make_integer_sequence<int, sums / narrow>());
}

class WeightGradient {
 public:
  WeightGradient(const ConvShape& shape, const float* x, const float* dy, float* dw, float* turned)
      : shape_(shape),
        x_(x),
        dy_(dy),
        dw_(dw),
        turned_(turned),
        inputs_(shape.input.channels / shape.groups),
        filters_(shape.output.channels / shape.groups) {}

  void Add(const RowRange* ranges, int count) {
    for (int group = 0; group < shape_.groups; ++group) {
      for (int first = 0, tile = 0; first < filters_; first += tile) {
        tile = filters_ - first > block ? wide_tile : block;
        const int valid = std::min(tile, filters_ - first);
        Turn(ranges, count, group * filters_ + first, valid, tile);
        for (int row = 0; row < shape_.window.height; ++row) {
          for (int column = 0; column < shape_.window.width; ++column)
            Place(ranges, count, group, first, valid, tile, row, column);
        }
      }
    }
  }

 private:
  void Turn(const RowRange* ranges, int count, int filter, int valid, int tile) {
    float* to = turned_;
    const Images& output = shape_.output;
    for (int r = 0; r < count; ++r) {
      const float* from = dy_ + ranges[r].block * output.stride() +
                          static_cast<std::size_t>(filter) * output.plane() +
                          static_cast<std::size_t>(ranges[r].first * output.width) * block;
      const int pixels = (ranges[r].end - ranges[r].first) * output.width;
      for (int p = 0; p < pixels; ++p, from += block, to += block * tile) {
        for (int f = 0; f < tile; f += block)
          Transpose(from + static_cast<std::size_t>(f) * output.plane(), output.plane(), valid - f,
                    to + f, static_cast<std::size_t>(tile));
      }
    }
  }

  /// The weights at one place of the window.
  void Place(const RowRange* ranges, int count, int group, int first, int valid, int tile, int row,
             int column) {
    const Images &input = shape_.input, &output = shape_.output;
    const int stride = shape_.window.stride;
    const auto bounds = [&](int offset, int source, int target) {  // of the target: valid pixels
      const int low = offset >= 0 ? 0 : (-offset + stride - 1) / stride;
      const int high = offset >= source ? 0 : std::min(target, (source - 1 - offset) / stride + 1);
      return std::pair(low, std::max(low, high));
    };
    const int below = row - shape_.window.before, aside = column - shape_.window.before;
    const auto [top, bottom] = bounds(below, input.height, output.height);
    const auto [left, right] = bounds(aside, input.width, output.width);
    lines_.clear();
    const float* turned = turned_;
    for (int r = 0; r < count; ++r) {
      const float* image = x_ + ranges[r].block * input.stride() +
                           static_cast<std::size_t>(group * inputs_) * input.plane();
      for (int y = ranges[r].first; y < ranges[r].end; ++y) {
        if (y >= top && y < bottom && left < right) {
          const int pixel = (y * stride + below) * input.width + left * stride + aside;
          lines_.push_back({image + static_cast<std::size_t>(pixel) * block,
                            turned + static_cast<std::size_t>(left * tile) * block, right - left});
        }
        turned += static_cast<std::size_t>(output.width * tile) * block;
      }
    }
    const auto filters = static_cast<std::size_t>(shape_.output.channels);
    float* dw = dw_ +
                static_cast<std::size_t>((row * shape_.window.width + column) * inputs_) * filters +
                static_cast<std::size_t>(group * filters_ + first);
    const int most = InputsAtOnce(tile), turns = (inputs_ + most - 1) / most;
    for (int begin = 0, turn = 0; begin < inputs_; ++turn) {
      const int now = (inputs_ - begin + turns - turn - 1) / (turns - turn);
      TileOf(tile, now)(lines_.data(), static_cast<int>(lines_.size()), input.plane(),
                        static_cast<std::size_t>(stride) * block,
                        dw + static_cast<std::size_t>(begin) * filters, filters, valid);
      for (Line& line : lines_) line.x += static_cast<std::size_t>(now) * input.plane();
      begin += now;
    }
  }

  const ConvShape& shape_;
  const float *x_, *dy_;
  float *dw_, *turned_;
  int inputs_, filters_;
  std::vector<Line> lines_;
};

void ByFilters(const ConvShape& shape, const float* x, const float* dy, float* dw, float* scratch) {
  std::fill_n(dw,
              static_cast<std::size_t>(shape.window.height * shape.window.width) *
                  static_cast<std::size_t>(shape.input.channels / shape.groups) *
                  static_cast<std::size_t>(shape.output.channels),
              0.0f);
  WeightGradient gradient(shape, x, dy, dw, scratch);
  each_band(shape.output, pixels_at_once,
            [&](const RowRange* ranges, int count) { gradient.Add(ranges, count); });
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(ByFilters);

void weight_gradient_by_filters(const ConvShape& shape, const float* x, const float* dy, float* dw,
                                float* scratch) {
  HWY_DYNAMIC_DISPATCH(ByFilters)(shape, x, dy, dw, scratch);
}

std::size_t weight_gradient_by_filters_scratch(const ConvShape& shape) {
  constexpr std::size_t most_filters = 32, pixels = 64;
  return std::max<std::size_t>(pixels, static_cast<std::size_t>(shape.output.width)) *
         Images::block * most_filters;
}
}  // namespace vernier::engine::cpu
#endif
