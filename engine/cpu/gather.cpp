#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/gather.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>

#include "engine/cpu/kernels.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Copies a row and asks for another one, which is far away in memory, along the way.
HWY_INLINE void CopyRow(float* HWY_RESTRICT to, const float* HWY_RESTRICT from,
                        const float* HWY_RESTRICT later, std::size_t cols) {
  const hn::ScalableTag<float> d;
  const std::size_t step = hn::Lanes(d);
  constexpr std::size_t line = 16;
  for (std::size_t c = 0; c < cols; c += line) {
    __builtin_prefetch(later + c, 0, 2);
    if (c + line <= cols) {
      for (std::size_t i = 0; i < line; i += step) {
        hn::StoreU(hn::LoadU(d, from + c + i), d, to + c + i);
      }
    } else {
      std::copy(from + c, from + cols, to + c);
    }
  }
}

void GatherRows(float* to, const float* const* rows, std::size_t count, std::size_t cols) {
  constexpr std::size_t ahead = 8;
  for (std::size_t r = 0; r < count; ++r) {
    CopyRow(to + r * cols, rows[r], rows[std::min(r + ahead, count - 1)], cols);
  }
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(GatherRows);

void gather(float* to, const float* from, int rows, int cols, const vernier::Shuffle& order,
            int first) {
  const auto width = static_cast<std::size_t>(cols);
  constexpr int block = 256;
  const float* sources[block];
  for (int start = 0; start < rows; start += block) {
    const int count = std::min(block, rows - start);
    for (int r = 0; r < count; ++r) {
      sources[r] = from + order(static_cast<std::uint64_t>(first + start + r)) * width;
    }
    HWY_DYNAMIC_DISPATCH(GatherRows)
    (to + static_cast<std::size_t>(start) * width, sources, static_cast<std::size_t>(count), width);
  }
}
}  // namespace vernier::engine::cpu
#endif
