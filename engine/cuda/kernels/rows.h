// One example's outputs at a time: softmax and losses. A block is threads rows, one to a member: outputs are few.
#pragma once
#include <cmath>

#include "engine/cuda/cells.h"
#include "engine/cuda/lane_state.h"
#include "engine/cuda/team.h"
#include "engine/math/losses.h"

namespace vernier::engine::cuda {

inline constexpr int rows_per_team = 64;

/// visit(row) for the rows of block `block`, spread over the team.
template <class Visit>
VERNIER_HD void each_row(const Team& team, int block, int rows, Visit&& visit) {
  const int begin = block * rows_per_team;
  const int end = begin + rows_per_team < rows ? begin + rows_per_team : rows;
  for (int r = begin + team.member; r < end; r += team.size) visit(r);
}

/// y = softmax(x) over cols; y may be x.
struct Softmax {
  static constexpr int threads = rows_per_team;
  Cells y;
  ConstCells x;
  int rows, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const auto n = static_cast<std::size_t>(cols);
    each_row(team, block, rows, [&](int r) {
      const Cells to = y.of(lane).from(static_cast<std::size_t>(r) * n);
      const ConstCells from = x.of(lane).from(static_cast<std::size_t>(r) * n);
      float largest = from[0];
      for (std::size_t c = 1; c < n; ++c) largest = from[c] > largest ? from[c] : largest;
      float sum = 0;
      for (std::size_t c = 0; c < n; ++c) {
        const float share = std::exp(from[c] - largest);
        to.set(c, share);
        sum += share;
      }
      for (std::size_t c = 0; c < n; ++c) to.set(c, to[c] / sum);
    });
  }
};

/// dy = y (dy - sum(dy y)).
struct SoftmaxGradient {
  static constexpr int threads = rows_per_team;
  Cells dy;
  ConstCells y;
  int rows, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const auto n = static_cast<std::size_t>(cols);
    each_row(team, block, rows, [&](int r) {
      const Cells slope = dy.of(lane).from(static_cast<std::size_t>(r) * n);
      const ConstCells out = y.of(lane).from(static_cast<std::size_t>(r) * n);
      float sum = 0;
      for (std::size_t c = 0; c < n; ++c) sum += slope[c] * out[c];
      for (std::size_t c = 0; c < n; ++c) slope.set(c, out[c] * (slope[c] - sum));
    });
  }
};

/// Loss of each example; with `gradient` z becomes its mean's derivative.
struct RowLosses {
  float* losses;          // (T, rows)
  std::int32_t* correct;  // (T, rows): 0 or 1
  std::size_t losses_stride;
};

/// The outputs of some examples, and room for them as floats where they are not: the losses compute in float.
struct Outputs {
  Cells z;      // (T, rows, cols)
  float* room;  // (T, rows, cols) where z is bf16
  std::size_t room_stride;

  /// visit(float* row) with the outputs of a lane's row; what it changes is kept where `changed`.
  template <class Visit>
  VERNIER_HD void with_row(int lane, int row, int cols, bool changed, Visit&& visit) const {
    const auto n = static_cast<std::size_t>(cols);
    const Cells own = z.of(lane).from(static_cast<std::size_t>(row) * n);
    if (own.number == Number::fp32) return visit(static_cast<float*>(own.data));
    float* wide =
        room + static_cast<std::size_t>(lane) * room_stride + static_cast<std::size_t>(row) * n;
    for (std::size_t c = 0; c < n; ++c) wide[c] = own[c];
    visit(wide);
    if (!changed) return;
    for (std::size_t c = 0; c < n; ++c) own.set(c, wide[c]);
  }
};

struct ClassLoss {
  static constexpr int threads = rows_per_team;
  const LaneState* lanes;
  Outputs outputs;
  const std::int32_t* labels;
  RowLosses out;
  std::size_t labels_stride;
  int rows, cols;
  Loss loss;
  bool gradient;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const float smoothing = gradient ? lanes[lane].smoothing : 0.0f;
    each_row(team, block, rows, [&](int r) {
      const std::int32_t label =
          labels[static_cast<std::size_t>(lane) * labels_stride + static_cast<std::size_t>(r)];
      const std::size_t at =
          static_cast<std::size_t>(lane) * out.losses_stride + static_cast<std::size_t>(r);
      outputs.with_row(lane, r, cols, gradient, [&](float* own) {
        out.correct[at] = predicted_class(own, cols) == label;
        out.losses[at] = class_loss(loss, own, cols, label, smoothing,
                                    1.0f / static_cast<float>(rows), gradient ? own : nullptr);
      });
    });
  }
};

struct NumberLoss {
  static constexpr int threads = rows_per_team;
  Outputs outputs;
  const float* targets;
  RowLosses out;
  std::size_t targets_stride;
  int rows, cols;
  bool gradient;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    each_row(team, block, rows, [&](int r) {
      const std::size_t row = static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      const float* wanted = targets + static_cast<std::size_t>(lane) * targets_stride + row;
      const std::size_t at =
          static_cast<std::size_t>(lane) * out.losses_stride + static_cast<std::size_t>(r);
      outputs.with_row(lane, r, cols, gradient, [&](float* own) {
        out.correct[at] = 0;
        out.losses[at] = number_loss(own, cols, wanted, 1.0f / static_cast<float>(rows),
                                     gradient ? own : nullptr);
      });
    });
  }
};

/// The rows' losses added up, one lane a block: to a lane's step (`lanes`), or (null) to `sums` (T).
struct LossSums {
  static constexpr int threads = 256;
  LaneState* lanes;
  RowLosses from;
  int rows;
  LaneSums* sums;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    double sum = 0;
    std::int64_t right = 0;
    for (int r = team.member; r < rows; r += team.size) {
      const std::size_t at =
          static_cast<std::size_t>(lane) * from.losses_stride + static_cast<std::size_t>(r);
      sum += static_cast<double>(from.losses[at]);
      right += from.correct[at];
    }
    sum = team.sum(sum);
    right = team.sum(right);
    if (team.member != 0) return;
    if (lanes == nullptr) {
      sums[lane].loss += sum;
      sums[lane].correct += right;
      return;
    }
    LaneState& state = lanes[lane];
    if (!state.active()) return;
    state.loss += sum;
    state.correct += right;
    if (!(std::fabs(sum) < HUGE_VAL)) state.failing = 1;
  }
};

}  // namespace vernier::engine::cuda
