#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/pool.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "engine/cpu/kernels.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::CappedTag<float, Images::block>;
using DI = hn::RebindToSigned<D>;
using DB = hn::Rebind<std::uint8_t, D>;

inline constexpr std::size_t line = Images::block;
inline constexpr std::size_t lanes = HWY_MIN(HWY_LANES(float), Images::block);
alignas(64) inline constexpr std::uint8_t unused[line] = {};

/// The pixels of one window that lie in the image: rows [top, bottom), columns [left, right); `row` and `column`: of the window's corner.
struct Seen {
  int row, column;
  int top, bottom, left, right;
  Seen(const Images& input, const Window& w, int y, int x)
      : row(y * w.stride - w.before),
        column(x * w.stride - w.before),
        top(std::max(0, row)),
        bottom(std::min(input.height, row + w.height)),
        left(std::max(0, column)),
        right(std::min(input.width, column + w.width)) {}
  /// Of the pixel in the window.
  std::int32_t Place(const Window& w, int i, int j) const {
    return (i - row) * w.width + (j - column);
  }
};

/// F: void(plane of the input, plane of the output), both as offsets in floats.
template <class F>
HWY_INLINE void EachPlane(const Images& input, const Images& output, F&& visit) {
  for (std::size_t b = 0; b < output.blocks(); ++b) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(output.channels); ++c) {
      visit(b * input.stride() + c * input.plane(), b * output.stride() + c * output.plane());
    }
  }
}

HWY_INLINE std::size_t At(const Images& images, int row, int column) {
  return (static_cast<std::size_t>(row) * static_cast<std::size_t>(images.width) +
          static_cast<std::size_t>(column)) *
         line;
}

void MaxPool(const Images& input, const float* x, const Images& output, float* y,
             std::uint8_t* place, const Window& w) {
  const D d;
  const DI di;
  const DB db;
  EachPlane(input, output, [&](std::size_t from, std::size_t to) {
    for (int row = 0; row < output.height; ++row) {
      for (int column = 0; column < output.width; ++column) {
        const Seen seen(input, w, row, column);
        const std::size_t at = to + At(output, row, column);
        for (std::size_t v = 0; v < line; v += lanes) {
          auto best = hn::Load(d, x + from + At(input, seen.top, seen.left) + v);
          auto where = hn::Set(di, seen.Place(w, seen.top, seen.left));
          for (int i = seen.top; i < seen.bottom; ++i) {
            for (int j = seen.left; j < seen.right; ++j) {
              const auto value = hn::Load(d, x + from + At(input, i, j) + v);
              // NaN wins: divergence stays visible.
              const auto better = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
              best = hn::IfThenElse(better, value, best);
              where = hn::IfThenElse(hn::RebindMask(di, better), hn::Set(di, seen.Place(w, i, j)),
                                     where);
            }
          }
          hn::Store(best, d, y + at + v);
          hn::StoreU(hn::DemoteTo(db, where), db, place + at + v);
        }
      }
    }
  });
}

void AveragePool(const Images& input, const float* x, const Images& output, float* y,
                 const Window& w) {
  EachPlane(input, output, [&](std::size_t from, std::size_t to) {
    for (int row = 0; row < output.height; ++row) {
      for (int column = 0; column < output.width; ++column) {
        const Seen seen(input, w, row, column);
        alignas(64) float sum[line] = {};
        for (int i = seen.top; i < seen.bottom; ++i) {
          for (int j = seen.left; j < seen.right; ++j) {
            const float* HWY_RESTRICT value = x + from + At(input, i, j);
            for (std::size_t k = 0; k < line; ++k) sum[k] += value[k];
          }
        }
        const float share =
            1.0f / static_cast<float>((seen.bottom - seen.top) * (seen.right - seen.left));
        float* out = y + to + At(output, row, column);
        for (std::size_t k = 0; k < line; ++k) out[k] = sum[k] * share;
      }
    }
  });
}

void PoolGradient(const Images& input, float* dx, const Images& output, const float* dy,
                  const std::uint8_t* place, const Window& w, bool accumulate) {
  const D d;
  const DI di;
  const DB db;
  EachPlane(input, output, [&](std::size_t into, std::size_t from) {
    if (!accumulate) std::fill_n(dx + into, input.area() * line, 0.0f);
    for (int row = 0; row < output.height; ++row) {
      for (int column = 0; column < output.width; ++column) {
        const Seen seen(input, w, row, column);
        const std::size_t at = from + At(output, row, column);
        const float share =
            1.0f / static_cast<float>((seen.bottom - seen.top) * (seen.right - seen.left));
        for (std::size_t v = 0; v < line; v += lanes) {
          const auto gradient = hn::Load(d, dy + at + v);
          const auto chosen =
              hn::PromoteTo(di, hn::LoadU(db, (place != nullptr ? place + at : unused) + v));
          for (int i = seen.top; i < seen.bottom; ++i) {
            for (int j = seen.left; j < seen.right; ++j) {
              float* to = dx + into + At(input, i, j) + v;
              const auto here = hn::RebindMask(d, hn::Eq(chosen, hn::Set(di, seen.Place(w, i, j))));
              const auto part = place != nullptr ? hn::IfThenElseZero(here, gradient)
                                                 : hn::Mul(gradient, hn::Set(d, share));
              hn::Store(hn::Add(hn::Load(d, to), part), d, to);
            }
          }
        }
      }
    }
  });
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(MaxPool);
HWY_EXPORT(AveragePool);
HWY_EXPORT(PoolGradient);

void max_pool(const Images& input, const float* x, const Images& output, float* y,
              std::uint8_t* place, const Window& window) {
  HWY_DYNAMIC_DISPATCH(MaxPool)(input, x, output, y, place, window);
}
void average_pool(const Images& input, const float* x, const Images& output, float* y,
                  const Window& window) {
  HWY_DYNAMIC_DISPATCH(AveragePool)(input, x, output, y, window);
}
void pool_gradient(const Images& input, float* dx, const Images& output, const float* dy,
                   const std::uint8_t* place, const Window& window, bool accumulate) {
  HWY_DYNAMIC_DISPATCH(PoolGradient)(input, dx, output, dy, place, window, accumulate);
}
}  // namespace vernier::engine::cpu
#endif
