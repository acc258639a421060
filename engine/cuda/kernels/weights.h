// The end of an update: gradient norm, clipping, optimizer, averaged weights, counters. All tensors of a lane lie side by side, so each is one
// launch for all tensors and lanes.
#pragma once
#include <cmath>

#include "engine/cuda/kernels/elementwise.h"

namespace vernier::engine::cuda {

/// The gradients of weights that only fill a lane up to its cohort's width become 0. real (T, weights): 1 for its own, 0 for those.
struct KeepReal {
  static constexpr int threads = 256;
  float* gradient;
  const std::uint8_t* real;
  std::size_t stride, count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    each_element(team, block, count, [&](std::size_t i) {
      if (real[base + i] == 0) gradient[base + i] = 0;
    });
  }
};

/// partial (T, blocks) = sums of squares of elements_per_team elements each.
struct PartialSquares {
  static constexpr int threads = 256;
  const float* from;
  double* partial;
  std::size_t stride, partial_stride;
  std::size_t count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const float* own = from + static_cast<std::size_t>(lane) * stride;
    float sum = 0;
    each_element(team, block, count, [&](std::size_t i) { sum += own[i] * own[i]; });
    const double total = team.sum(static_cast<double>(sum));
    if (team.member == 0)
      partial[static_cast<std::size_t>(lane) * partial_stride + static_cast<std::size_t>(block)] =
          total;
  }
};

/// The sum of a lane's partial sums, known to all members.
VERNIER_HD inline double sum_of_partial(const Team& team, const double* partial, std::size_t stride,
                                        int lane, int blocks) {
  const double* own = partial + static_cast<std::size_t>(lane) * stride;
  double sum = 0;
  for (int b = team.member; b < blocks; b += team.size) sum += own[b];
  return team.sum(sum);
}

/// to (T).squares = the sum of the partial ones. A block is a lane.
struct SumSquares {
  static constexpr int threads = 256;
  LaneSums* to;
  const double* partial;
  std::size_t partial_stride;
  int blocks;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    const double squares = sum_of_partial(team, partial, partial_stride, lane, blocks);
    if (team.member == 0) to[lane].squares = squares;
  }
};

/// The norm of a lane's gradient, what clipping makes of it (as torch.nn.utils.clip_grad_norm_), and whether all is finite. A block is a lane.
struct FinishGradient {
  static constexpr int threads = 256;
  LaneState* lanes;
  const double* partial;
  std::size_t partial_stride;
  int blocks;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    const double squares = sum_of_partial(team, partial, partial_stride, lane, blocks);
    LaneState& state = lanes[lane];
    if (team.member != 0 || !state.active()) return;
    const double norm = std::sqrt(squares);
    state.norms += norm;
    state.scale = 1;
    if (state.clip_norm > 0) {
      const double share = state.clip_norm / (norm + 1e-6);
      state.scale = static_cast<float>(share < 1 ? share : 1.0);
    }
    if (!(norm < HUGE_VAL)) state.failing = 1;
  }
};

/// to (T, stride) += the norm of what the partial sums are of, for lanes that train. A block is a lane.
struct AddNorm {
  static constexpr int threads = 256;
  const LaneState* lanes;
  double* to;
  const double* partial;
  std::size_t stride, partial_stride;
  int blocks;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    const double squares = sum_of_partial(team, partial, partial_stride, lane, blocks);
    if (team.member != 0 || !lanes[lane].active()) return;
    to[static_cast<std::size_t>(lane) * stride] += std::sqrt(squares);
  }
};

struct UpdateWeights {
  static constexpr int threads = 256;
  const LaneState* lanes;
  Optimizer optimizer;
  float* weights;
  const float* gradient;
  float* states[max_optimizer_states];
  float* average;  // null: none
  std::size_t stride, count;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const LaneState& state = lanes[lane];
    if (!state.active()) return;
    const OptimizerStep<float>& step = state.steps[state.update - state.first];
    const std::size_t base = static_cast<std::size_t>(lane) * stride;
    with_optimizer(optimizer, [&]<Optimizer O>() {
      constexpr int used = optimizer_states(O);
      each_element(team, block, count, [&](std::size_t i) {
        float none = 0;
        float& w = weights[base + i];
        const float g = gradient[base + i] * state.scale;
        update_weight<O>(step, w, g, used > 0 ? states[0][base + i] : none,
                         used > 1 ? states[1][base + i] : none,
                         used > 2 ? states[2][base + i] : none);
        if (average != nullptr)
          average[base + i] += (1.0f - state.average) * (w - average[base + i]);
      });
    });
  }
};

/// Two lanes change places: a and b (count) take each other's words.
struct Swap {
  static constexpr int threads = 256;
  std::uint32_t *a, *b;
  std::size_t count;

  VERNIER_HD void operator()(const Team& team, int, int block) const {
    each_element(team, block, count, [&](std::size_t i) {
      const std::uint32_t kept = a[i];
      a[i] = b[i];
      b[i] = kept;
    });
  }
};

/// Counts the update. A lane whose loss or gradient was not finite takes no further one. One block for all lanes.
struct Advance {
  static constexpr int threads = 32;
  LaneState* lanes;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    LaneState& state = lanes[lane];
    if (team.member != 0 || !state.active()) return;
    ++state.update;
    state.diverged = state.failing;
  }
};

}  // namespace vernier::engine::cuda
