#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/correlate.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "engine/cpu/correlate.h"
#include "hwy/highway.h"

#ifndef VERNIER_CORRELATE_ONCE
#define VERNIER_CORRELATE_ONCE
namespace vernier::engine::cpu {
/// A weight's place in the pack and the value it multiplies, from the first pixel of the run.
struct Tap {
  std::ptrdiff_t x;
  std::ptrdiff_t w;
};
}  // namespace vernier::engine::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, Images::block>;
using V = hn::Vec<D>;

inline constexpr std::size_t lanes = HWY_MIN(HWY_LANES(float), Images::block);
inline constexpr int vectors = static_cast<int>(Images::block / lanes);  // of one pixel
// Target channels and pixels at a time: the sums stay in registers (32 of them with AVX-512, 16 otherwise).
inline constexpr int pack = vectors == 1 ? 8 : (vectors == 2 ? 4 : 2);
inline constexpr int pixels = vectors == 1 ? 3 : 1;

struct Block {
  const Tap* taps;
  int tap_count;
  int channels;              // of the source's group
  std::size_t source_plane;  // floats between channels
  std::size_t source_pixel;  // floats between the pixels of a run
  std::size_t target_plane, target_pixel;
  std::size_t weight_channel;  // floats between channels
};

/// O target channels of P pixels.
template <int O, int P>
HWY_INLINE void Sum(const Block& b, const float* HWY_RESTRICT x, const float* HWY_RESTRICT w,
                    const float* HWY_RESTRICT bias, float* HWY_RESTRICT y, bool accumulate) {
  const D d;
  V sum[O][P][vectors];
#pragma GCC unroll 16
  for (int o = 0; o < O; ++o) {
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) sum[o][p][v] = hn::Zero(d);
    }
  }
  for (int c = 0; c < b.channels; ++c) {
    for (int t = 0; t < b.tap_count; ++t) {
      const float* HWY_RESTRICT from = x + b.taps[t].x;
      const float* HWY_RESTRICT weight = w + b.taps[t].w;
      V value[P][vectors];
#pragma GCC unroll 16
      for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
        for (int v = 0; v < vectors; ++v) {
          value[p][v] = hn::Load(d, from + static_cast<std::size_t>(p) * b.source_pixel +
                                        static_cast<std::size_t>(v) * lanes);
        }
      }
#pragma GCC unroll 16
      for (int o = 0; o < O; ++o) {
        const V factor = hn::Set(d, weight[o]);
#pragma GCC unroll 16
        for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
          for (int v = 0; v < vectors; ++v) {
            sum[o][p][v] = hn::MulAdd(value[p][v], factor, sum[o][p][v]);
          }
        }
      }
    }
    x += b.source_plane;
    w += b.weight_channel;
  }
#pragma GCC unroll 16
  for (int o = 0; o < O; ++o) {
    const V more = hn::Set(d, bias != nullptr ? bias[o] : 0.0f);
#pragma GCC unroll 16
    for (int p = 0; p < P; ++p) {
#pragma GCC unroll 16
      for (int v = 0; v < vectors; ++v) {
        float* to = y + static_cast<std::size_t>(o) * b.target_plane +
                    static_cast<std::size_t>(p) * b.target_pixel +
                    static_cast<std::size_t>(v) * lanes;
        const V base = accumulate ? hn::Load(d, to) : more;
        hn::Store(hn::Add(sum[o][p][v], base), d, to);
      }
    }
  }
}

template <int O, int P>
HWY_INLINE void SumNext(const Block& b, const float*& x, const float* w, const float* bias,
                        float*& y, bool accumulate) {
  Sum<O, P>(b, x, w, bias, y, accumulate);
  x += static_cast<std::size_t>(P) * b.source_pixel;
  y += static_cast<std::size_t>(P) * b.target_pixel;
}

template <int O>
void SumRun(const Block& b, int count, const float* x, const float* w, const float* bias, float* y,
            bool accumulate) {
  for (; count >= pixels; count -= pixels) SumNext<O, pixels>(b, x, w, bias, y, accumulate);
  if constexpr (pixels > 2) {
    if (count == 2) return SumNext<O, 2>(b, x, w, bias, y, accumulate);
  }
  if (count == 1) SumNext<O, 1>(b, x, w, bias, y, accumulate);
}

using RunFunction = void (*)(const Block&, int, const float*, const float*, const float*, float*,
                             bool);

template <int... O>
constexpr RunFunction Table(int channels, std::integer_sequence<int, O...>) {
  constexpr RunFunction functions[] = {&SumRun<O + 1>...};
  return functions[channels - 1];
}

int Pack() { return pack; }

void Correlate(const Correlation& c, const float* x, const float* weights, const float* bias,
               float* y, bool accumulate) {
  const int sources = c.source.channels / c.groups;
  const int targets = c.target.channels / c.groups;
  const int packs = (targets + pack - 1) / pack;
  Block b{};
  b.channels = sources;
  b.source_plane = c.source.plane();
  b.target_plane = c.target.plane();
  b.source_pixel = static_cast<std::size_t>(c.source_step) * Images::block;
  b.target_pixel = static_cast<std::size_t>(c.target_step) * Images::block;
  b.weight_channel = static_cast<std::size_t>(c.places) * pack;
  const std::size_t pack_floats = static_cast<std::size_t>(sources) * b.weight_channel;
  std::vector<Tap> taps(static_cast<std::size_t>(c.places));
  b.taps = taps.data();
  for (std::size_t block = 0; block < c.source.blocks(); ++block) {
    for (std::size_t row = 0; row < c.rows.size(); ++row) {
      for (const Run& run : c.runs) {
        b.tap_count = 0;
        for (const Read& r : c.rows[row]) {
          for (const Read& column : run.reads) {
            taps[static_cast<std::size_t>(b.tap_count++)] = {
                (static_cast<std::ptrdiff_t>(r.line) * c.source.width + column.line) *
                    Images::block,
                static_cast<std::ptrdiff_t>(r.place * c.place_columns + column.place) * pack};
          }
        }
        for (int g = 0; g < c.groups; ++g) {
          const float* from = x + block * c.source.stride() +
                              static_cast<std::size_t>(g * sources) * b.source_plane;
          for (int i = 0; i < packs; ++i) {
            const int first = g * targets + i * pack;
            const int n = std::min(pack, targets - i * pack);
            float* to = y + block * c.target.stride() +
                        static_cast<std::size_t>(first) * b.target_plane +
                        (row * static_cast<std::size_t>(c.target.width) +
                         static_cast<std::size_t>(run.first)) *
                            Images::block;
            Table(n, std::make_integer_sequence<int, pack>())(
                b, run.count, from, weights + static_cast<std::size_t>(g * packs + i) * pack_floats,
                bias != nullptr ? bias + first : nullptr, to, accumulate);
          }
        }
      }
    }
  }
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(Correlate);
HWY_EXPORT(Pack);

int channel_pack() { return HWY_DYNAMIC_DISPATCH(Pack)(); }

void correlate(const Correlation& c, const float* x, const float* weights, const float* bias,
               float* y, bool accumulate) {
  HWY_DYNAMIC_DISPATCH(Correlate)(c, x, weights, bias, y, accumulate);
}
}  // namespace vernier::engine::cpu
#endif
