// The two ways to a convolution's weight gradient: which is faster depends on how many filters share what is loaded.
#pragma once
#include <algorithm>

#include "engine/cpu/conv.h"

namespace vernier::engine::cpu {

/// Output rows [first, end) of 16 examples.
struct RowRange {
  std::size_t block;
  int first, end;
};

/// All output rows, in bands of about `pixels` pixels (at least a row): band(ranges, count).
template <class Band>
void each_band(const Images& output, int pixels, Band&& band) {
  constexpr int most = 16;
  RowRange ranges[most];
  int count = 0, held = 0;
  const int rows = std::max(1, pixels / output.width);
  for (std::size_t block = 0; block < output.blocks(); ++block) {
    for (int y = 0; y < output.height; y += rows) {
      const int end = std::min(output.height, y + rows);
      if (count == most || (count > 0 && held + (end - y) * output.width > pixels)) {
        band(ranges, count);
        count = held = 0;
      }
      ranges[count++] = {block, y, end};
      held += (end - y) * output.width;
    }
  }
  if (count > 0) band(ranges, count);
}

/// The vector axis is the examples, whose sums are summed at the end.
void weight_gradient_by_examples(const ConvShape& shape, const float* x, const float* dy,
                                 float* dw);
/// The vector axis is the filters: dy is turned round first. Faster from `least_filters` filters and `least_inputs` inputs per group on.
void weight_gradient_by_filters(const ConvShape& shape, const float* x, const float* dy, float* dw,
                                float* scratch);
inline constexpr int least_filters = 12, least_inputs = 6;
std::size_t weight_gradient_by_filters_scratch(const ConvShape& shape);

}  // namespace vernier::engine::cpu
