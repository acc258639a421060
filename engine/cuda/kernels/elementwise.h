// Loops over every element of a value, and over its columns.
#pragma once
#include "engine/cuda/cells.h"
#include "engine/cuda/lane_state.h"
#include "engine/cuda/team.h"
#include "engine/math/activations.h"
#include "engine/math/dropout.h"

namespace vernier::engine::cuda {

inline constexpr int elements_per_team = 1024;

/// visit(i) for the elements of block `block`, spread over the team.
template <class Visit>
VERNIER_HD void each_element(const Team& team, int block, std::size_t count, Visit&& visit) {
  const std::size_t begin = static_cast<std::size_t>(block) * elements_per_team;
  const std::size_t end = begin + elements_per_team < count ? begin + elements_per_team : count;
  for (std::size_t i = begin + static_cast<std::size_t>(team.member); i < end;
       i += static_cast<std::size_t>(team.size))
    visit(i);
}

/// y = act(y + bias): (rows, cols) of every lane. bias (cols) and saved (receives y + bias) may be null.
struct BiasActivation {
  static constexpr int threads = 256;
  Cells y;
  Cells saved;
  const float* bias;
  std::size_t bias_stride;
  std::size_t count;
  int cols;
  Activation act;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells out = y.of(lane), keep = saved.of(lane);
    const float* own =
        bias == nullptr ? nullptr : bias + static_cast<std::size_t>(lane) * bias_stride;
    with_activation(act, [&]<Activation A>() {
      each_element(team, block, count, [&](std::size_t i) {
        float x = out[i];
        if (own != nullptr) x += own[i % static_cast<std::size_t>(cols)];
        if (saved) keep.set(i, x);
        out.set(i, activate<A>(x));
      });
    });
  }
};

/// dy *= slope of act at (saved, y).
struct ActivationGradient {
  static constexpr int threads = 256;
  Cells dy;
  ConstCells y, saved;
  std::size_t count;
  Activation act;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells slope = dy.of(lane);
    const ConstCells out = y.of(lane), in = saved.of(lane);
    with_activation(act, [&]<Activation A>() {
      each_element(team, block, count, [&](std::size_t i) {
        const float x = saved ? in[i] : 0.0f;
        slope.set(i, slope[i] * activate_slope<A>(x, out[i]));
      });
    });
  }
};

/// y = x, in y's kind of number; x.stride 0: the same for every lane.
struct Copy {
  static constexpr int threads = 256;
  Cells y;
  ConstCells x;
  std::size_t count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells to = y.of(lane);
    const ConstCells from = x.of(lane);
    each_element(team, block, count, [&](std::size_t i) { to.set(i, from[i]); });
  }
};

/// y = a + b. y may be a or b.
struct Sum {
  static constexpr int threads = 256;
  Cells y;
  ConstCells a, b;
  std::size_t count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells to = y.of(lane);
    const ConstCells one = a.of(lane), other = b.of(lane);
    each_element(team, block, count, [&](std::size_t i) { to.set(i, one[i] + other[i]); });
  }
};

/// y = x with dropped elements 0 and the others scaled by 1 / (1 - rate); mask gets 0 or 1. y may be x. Bits: engine/math/dropout.h.
struct Dropout {
  static constexpr int threads = 256;
  const LaneState* lanes;
  Cells y;
  ConstCells x;
  std::uint8_t* mask;
  std::size_t mask_stride;  // bytes
  std::size_t count;
  int layer, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const LaneState& state = lanes[lane];
    const double rate = state.rates[layer];
    const std::uint32_t threshold = dropout_threshold(rate);
    const float scale = static_cast<float>(1 / (1 - rate));
    const Cells to = y.of(lane);
    const ConstCells from = x.of(lane);
    std::uint8_t* own = mask + static_cast<std::size_t>(lane) * mask_stride;
    const auto wide = static_cast<std::size_t>(cols);
    const std::size_t width =
        state.widths[layer] > 0 ? static_cast<std::size_t>(state.widths[layer]) : wide;
    each_element(team, block, count, [&](std::size_t i) {
      // The element's number in the lane's own tensor; what a column of padding draws does not matter.
      const std::size_t element = width == wide ? i : i / wide * width + i % wide;
      const float kept =
          keep_scale(state.dropout, static_cast<std::uint32_t>(layer),
                     static_cast<std::uint32_t>(state.update), element, threshold, scale);
      to.set(i, kept != 0.0f ? from[i] * kept : 0.0f);
      own[i] = kept != 0.0f;
    });
  }
};

struct DropoutGradient {
  static constexpr int threads = 256;
  const LaneState* lanes;
  Cells dy;
  const std::uint8_t* mask;
  std::size_t mask_stride;
  std::size_t count;
  int layer;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const float scale = static_cast<float>(1 / (1 - lanes[lane].rates[layer]));
    const Cells own = dy.of(lane);
    const std::uint8_t* kept = mask + static_cast<std::size_t>(lane) * mask_stride;
    each_element(team, block, count,
                 [&](std::size_t i) { own.set(i, kept[i] != 0 ? own[i] * scale : 0.0f); });
  }
};

}  // namespace vernier::engine::cuda
