// Loops over every element of a value, and over its columns.
#pragma once
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
  float* y;
  float* saved;
  const float* bias;
  std::size_t stride, bias_stride;
  std::size_t count;
  int cols;
  Activation act;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    const float* own =
        bias == nullptr ? nullptr : bias + static_cast<std::size_t>(lane) * bias_stride;
    with_activation(act, [&]<Activation A>() {
      each_element(team, block, count, [&](std::size_t i) {
        float x = y[base + i];
        if (own != nullptr) x += own[i % static_cast<std::size_t>(cols)];
        if (saved != nullptr) saved[base + i] = x;
        y[base + i] = activate<A>(x);
      });
    });
  }
};

/// dy *= slope of act at (saved, y).
struct ActivationGradient {
  static constexpr int threads = 256;
  float* dy;
  const float* y;
  const float* saved;
  std::size_t stride, count;
  Activation act;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    with_activation(act, [&]<Activation A>() {
      each_element(team, block, count, [&](std::size_t i) {
        const float x = saved != nullptr ? saved[base + i] : 0.0f;
        dy[base + i] *= activate_slope<A>(x, y[base + i]);
      });
    });
  }
};

/// y = x; x_stride 0: the same for every lane.
struct Copy {
  static constexpr int threads = 256;
  float* y;
  const float* x;
  std::size_t stride, x_stride, count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    float* to = y + static_cast<std::size_t>(lane) * stride;
    const float* from = x + static_cast<std::size_t>(lane) * x_stride;
    each_element(team, block, count, [&](std::size_t i) { to[i] = from[i]; });
  }
};

/// y = a + b. y may be a or b.
struct Sum {
  static constexpr int threads = 256;
  float* y;
  const float* a;
  const float* b;
  std::size_t stride, count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    each_element(team, block, count,
                 [&](std::size_t i) { y[base + i] = a[base + i] + b[base + i]; });
  }
};

/// y = x with dropped elements 0 and the others scaled by 1 / (1 - rate); mask gets 0 or 1. y may be x. Bits: engine/math/dropout.h.
struct Dropout {
  static constexpr int threads = 256;
  const LaneState* lanes;
  float* y;
  const float* x;
  std::uint8_t* mask;
  std::size_t stride, mask_stride;  // floats, bytes
  std::size_t count;
  int layer;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const LaneState& state = lanes[lane];
    const double rate = state.rates[layer];
    const std::uint32_t threshold = dropout_threshold(rate);
    const float scale = static_cast<float>(1 / (1 - rate));
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    const std::size_t mask_base = static_cast<std::size_t>(lane) * mask_stride;
    each_element(team, block, count, [&](std::size_t i) {
      const float kept = keep_scale(state.dropout, static_cast<std::uint32_t>(layer),
                                    static_cast<std::uint32_t>(state.update), i, threshold, scale);
      y[base + i] = kept != 0.0f ? x[base + i] * kept : 0.0f;
      mask[mask_base + i] = kept != 0.0f;
    });
  }
};

struct DropoutGradient {
  static constexpr int threads = 256;
  const LaneState* lanes;
  float* dy;
  const std::uint8_t* mask;
  std::size_t stride, mask_stride;
  std::size_t count;
  int layer;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const float scale = static_cast<float>(1 / (1 - lanes[lane].rates[layer]));
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    const std::size_t mask_base = static_cast<std::size_t>(lane) * mask_stride;
    each_element(team, block, count, [&](std::size_t i) {
      dy[base + i] = mask[mask_base + i] != 0 ? dy[base + i] * scale : 0.0f;
    });
  }
};

}  // namespace vernier::engine::cuda
