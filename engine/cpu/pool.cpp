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

// Plain loops over the 16 examples of a line, which the compiler vectorises once per instruction set.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

inline constexpr std::size_t line = Images::block;

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
  EachPlane(input, output, [&](std::size_t from, std::size_t to) {
    for (int row = 0; row < output.height; ++row) {
      for (int column = 0; column < output.width; ++column) {
        const Seen seen(input, w, row, column);
        alignas(64) float best[line];
        alignas(64) std::int32_t where[line];
        bool first = true;
        for (int i = seen.top; i < seen.bottom; ++i) {
          for (int j = seen.left; j < seen.right; ++j) {
            const float* HWY_RESTRICT value = x + from + At(input, i, j);
            const std::int32_t here = (i - seen.row) * w.width + (j - seen.column);
            for (std::size_t k = 0; k < line; ++k) {
              const bool better =
                  first || !(value[k] <= best[k]);  // NaN wins: divergence stays visible
              best[k] = better ? value[k] : best[k];
              where[k] = better ? here : where[k];
            }
            first = false;
          }
        }
        const std::size_t at = to + At(output, row, column);
        std::copy_n(best, line, y + at);
        for (std::size_t k = 0; k < line; ++k) place[at + k] = static_cast<std::uint8_t>(where[k]);
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
  EachPlane(input, output, [&](std::size_t into, std::size_t from) {
    if (!accumulate) std::fill_n(dx + into, input.area() * line, 0.0f);
    for (int row = 0; row < output.height; ++row) {
      for (int column = 0; column < output.width; ++column) {
        const Seen seen(input, w, row, column);
        const std::size_t at = from + At(output, row, column);
        const float share =
            1.0f / static_cast<float>((seen.bottom - seen.top) * (seen.right - seen.left));
        for (int i = seen.top; i < seen.bottom; ++i) {
          for (int j = seen.left; j < seen.right; ++j) {
            float* HWY_RESTRICT to = dx + into + At(input, i, j);
            const float* HWY_RESTRICT gradient = dy + at;
            if (place == nullptr) {
              for (std::size_t k = 0; k < line; ++k) to[k] += gradient[k] * share;
              continue;
            }
            const auto here =
                static_cast<std::uint8_t>((i - seen.row) * w.width + (j - seen.column));
            const std::uint8_t* HWY_RESTRICT chosen = place + at;
            for (std::size_t k = 0; k < line; ++k) to[k] += chosen[k] == here ? gradient[k] : 0.0f;
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
