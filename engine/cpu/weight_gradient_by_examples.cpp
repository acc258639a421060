#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/weight_gradient_by_examples.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstddef>
#include <utility>

#include "engine/cpu/conv_weight_gradient.h"
#include "hwy/highway.h"

// The gradient of a weight is a sum over examples and pixels: the vector axis is summed at the end. Eight filters times three weights of
// each share what is loaded.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, Images::block>;
using V = hn::Vec<D>;

inline constexpr std::size_t lanes = HWY_MIN(HWY_LANES(float), Images::block);
inline constexpr int vectors = static_cast<int>(Images::block / lanes);
// With few registers the vectors of a pixel follow each other into the same sums.
inline constexpr int filters_at_once = vectors == 1 ? 8 : 4;
inline constexpr int weights_at_once = vectors == 1 ? 3 : 2;
inline constexpr int pixels_at_once =
    256;  // about as many pixels of eight filters stay in the caches

alignas(64) inline constexpr float zeros[Images::block] = {};

/// What the W weights of a group multiply in one row: `x` of output column 0 (may lie outside), valid columns [first, end).
struct Line {
  const float* x = zeros;
  int first = 0, end = 0;
};

template <int F, int W>
struct Sums {
  V sum[F][W];
};

template <int F, int W>
HWY_INLINE void AddPixel(Sums<F, W>& s, const float* const (&x)[W], const float* HWY_RESTRICT dy,
                         std::size_t plane) {
  const D d;
#pragma GCC unroll 16
  for (int v = 0; v < vectors; ++v) {
    V value[W];
#pragma GCC unroll 16
    for (int w = 0; w < W; ++w) value[w] = hn::Load(d, x[w] + static_cast<std::size_t>(v) * lanes);
#pragma GCC unroll 16
    for (int f = 0; f < F; ++f) {
      const V g = hn::Load(
          d, dy + static_cast<std::size_t>(f) * plane + static_cast<std::size_t>(v) * lanes);
#pragma GCC unroll 16
      for (int w = 0; w < W; ++w) s.sum[f][w] = hn::MulAdd(g, value[w], s.sum[f][w]);
    }
  }
}

template <int F, int W>
void AddRow(Sums<F, W>& kept, const Line (&lines)[W], const float* dy, std::size_t plane, int width,
            std::size_t step) {
  int first = 0, end = width;  // where every weight has its pixel
  for (const Line& line : lines) {
    first = std::max(first, line.first);
    end = std::min(end, line.end);
  }
  first = std::min(first, width);
  end = std::max(end, first);
  Sums<F, W> s = kept;
  const auto edge = [&](int from, int to) {
    for (int i = from; i < to; ++i) {
      const float* x[W];
      for (int w = 0; w < W; ++w) {
        x[w] = i >= lines[w].first && i < lines[w].end
                   ? lines[w].x + static_cast<std::ptrdiff_t>(i) * static_cast<std::ptrdiff_t>(step)
                   : zeros;
      }
      AddPixel<F, W>(s, x, dy + static_cast<std::size_t>(i) * Images::block, plane);
    }
  };
  edge(0, first);
  const float* x[W];
  for (int w = 0; w < W; ++w) {
    x[w] = lines[w].x + static_cast<std::ptrdiff_t>(first) * static_cast<std::ptrdiff_t>(step);
  }
  const float* g = dy + static_cast<std::size_t>(first) * Images::block;
  for (int i = first; i < end; ++i) {
    AddPixel<F, W>(s, x, g, plane);
    for (int w = 0; w < W; ++w) x[w] += step;
    g += Images::block;
  }
  edge(end, width);
  kept = s;
}

struct Job {
  const ConvShape* shape;
  const float* x;
  const float* dy;
  float* dw;
};

/// Weights first .. first + W - 1 (in the order input channel, row, column of the window) of F filters from `filter` on, over some rows.
template <int F, int W>
void AddBand(const Job& job, int group, int filter, int first, const RowRange* ranges, int count) {
  const ConvShape& shape = *job.shape;
  const Window& window = shape.window;
  const int places = window.height * window.width;
  const int inputs = shape.input.channels / shape.groups;
  const int filters = shape.output.channels;
  int channel[W], row[W], column[W];
  for (int w = 0; w < W; ++w) {
    channel[w] = (first + w) / places;
    row[w] = (first + w) % places / window.width;
    column[w] = (first + w) % window.width;
  }
  const D d;
  Sums<F, W> sums;
  for (int f = 0; f < F; ++f) {
    for (int w = 0; w < W; ++w) sums.sum[f][w] = hn::Zero(d);
  }
  const std::size_t plane = shape.output.plane();
  const std::size_t step = static_cast<std::size_t>(window.stride) * Images::block;
  for (int r = 0; r < count; ++r) {
    const float* image = job.x + ranges[r].block * shape.input.stride() +
                         static_cast<std::size_t>(group * inputs) * shape.input.plane();
    const float* gradient =
        job.dy + ranges[r].block * shape.output.stride() + static_cast<std::size_t>(filter) * plane;
    for (int y = ranges[r].first; y < ranges[r].end; ++y) {
      Line lines[W];
      bool any = false;
      for (int w = 0; w < W; ++w) {
        const int source = y * window.stride + row[w] - window.before;
        if (source < 0 || source >= shape.input.height) continue;
        any = true;
        const int shift = column[w] - window.before;
        lines[w].x =
            image + static_cast<std::size_t>(channel[w]) * shape.input.plane() +
            (static_cast<std::ptrdiff_t>(source) * shape.input.width + shift) * Images::block;
        lines[w].first = shift >= 0 ? 0 : (-shift + window.stride - 1) / window.stride;
        const int room = shape.input.width - 1 - shift;
        lines[w].end = room < 0 ? 0 : std::min(shape.output.width, room / window.stride + 1);
        lines[w].first = std::min(lines[w].first, lines[w].end);
      }
      if (!any) continue;
      AddRow<F, W>(sums, lines,
                   gradient + static_cast<std::size_t>(y) *
                                  static_cast<std::size_t>(shape.output.width) * Images::block,
                   plane, shape.output.width, step);
    }
  }
  for (int w = 0; w < W; ++w) {
    float* to = job.dw +
                (static_cast<std::size_t>(row[w] * window.width + column[w]) *
                     static_cast<std::size_t>(inputs) +
                 static_cast<std::size_t>(channel[w])) *
                    static_cast<std::size_t>(filters) +
                static_cast<std::size_t>(filter);
    for (int f = 0; f < F; ++f) to[f] += hn::GetLane(hn::SumOfLanes(d, sums.sum[f][w]));
  }
}

using BandFunction = void (*)(const Job&, int, int, int, const RowRange*, int);

template <int W, int... F>
constexpr BandFunction Pick(int filters, std::integer_sequence<int, F...>) {
  constexpr BandFunction functions[] = {&AddBand<F + 1, W>...};
  return functions[filters - 1];
}

void ByExamples(const ConvShape& shape, const float* x, const float* dy, float* dw) {
  const Job job{&shape, x, dy, dw};
  const int inputs = shape.input.channels / shape.groups;
  const int outputs = shape.output.channels / shape.groups;
  const int weights = inputs * shape.window.height * shape.window.width;
  std::fill_n(dw,
              static_cast<std::size_t>(weights) * static_cast<std::size_t>(shape.output.channels),
              0.0f);
  const auto add_band = [&](const RowRange* ranges, int count) {
    for (int g = 0; g < shape.groups; ++g) {
      for (int filter = 0; filter < outputs; filter += filters_at_once) {
        const int n = std::min(filters_at_once, outputs - filter);
        int first = 0;
        constexpr auto sizes = std::make_integer_sequence<int, filters_at_once>();
        for (; first + weights_at_once <= weights; first += weights_at_once) {
          Pick<weights_at_once>(n, sizes)(job, g, g * outputs + filter, first, ranges, count);
        }
        for (; first < weights; ++first) {
          Pick<1>(n, sizes)(job, g, g * outputs + filter, first, ranges, count);
        }
      }
    }
  };
  each_band(shape.output, pixels_at_once, add_band);
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(ByExamples);

void weight_gradient_by_examples(const ConvShape& shape, const float* x, const float* dy,
                                 float* dw) {
  HWY_DYNAMIC_DISPATCH(ByExamples)(shape, x, dy, dw);
}
}  // namespace vernier::engine::cpu
#endif
