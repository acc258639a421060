// One example's outputs at a time: softmax and losses. A block is threads rows, one to a member: outputs are few.
#pragma once
#include <cmath>

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
  float* y;
  const float* x;
  std::size_t stride;
  int rows, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    each_row(team, block, rows, [&](int r) {
      const std::size_t at = static_cast<std::size_t>(lane) * stride +
                             static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      float largest = x[at];
      for (int c = 1; c < cols; ++c) largest = x[at + c] > largest ? x[at + c] : largest;
      float sum = 0;
      for (int c = 0; c < cols; ++c) {
        y[at + c] = std::exp(x[at + c] - largest);
        sum += y[at + c];
      }
      for (int c = 0; c < cols; ++c) y[at + c] /= sum;
    });
  }
};

/// dy = y (dy - sum(dy y)).
struct SoftmaxGradient {
  static constexpr int threads = rows_per_team;
  float* dy;
  const float* y;
  std::size_t stride;
  int rows, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    each_row(team, block, rows, [&](int r) {
      const std::size_t at = static_cast<std::size_t>(lane) * stride +
                             static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      float sum = 0;
      for (int c = 0; c < cols; ++c) sum += dy[at + c] * y[at + c];
      for (int c = 0; c < cols; ++c) dy[at + c] = y[at + c] * (dy[at + c] - sum);
    });
  }
};

/// Loss of each example; with `gradient` z becomes its mean's derivative.
struct RowLosses {
  float* losses;          // (T, rows)
  std::int32_t* correct;  // (T, rows): 0 or 1
  std::size_t losses_stride;
};

struct ClassLoss {
  static constexpr int threads = rows_per_team;
  const LaneState* lanes;
  float* z;
  const std::int32_t* labels;
  RowLosses out;
  std::size_t stride, labels_stride;
  int rows, cols;
  Loss loss;
  bool gradient;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const float smoothing = gradient ? lanes[lane].smoothing : 0.0f;
    each_row(team, block, rows, [&](int r) {
      float* own = z + static_cast<std::size_t>(lane) * stride +
                   static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      const std::int32_t label =
          labels[static_cast<std::size_t>(lane) * labels_stride + static_cast<std::size_t>(r)];
      const std::size_t at =
          static_cast<std::size_t>(lane) * out.losses_stride + static_cast<std::size_t>(r);
      out.correct[at] = predicted_class(own, cols) == label;
      out.losses[at] = class_loss(loss, own, cols, label, smoothing,
                                  1.0f / static_cast<float>(rows), gradient ? own : nullptr);
    });
  }
};

struct NumberLoss {
  static constexpr int threads = rows_per_team;
  float* z;
  const float* targets;
  RowLosses out;
  std::size_t stride, targets_stride;
  int rows, cols;
  bool gradient;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    each_row(team, block, rows, [&](int r) {
      const std::size_t row = static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
      float* own = z + static_cast<std::size_t>(lane) * stride + row;
      const std::size_t at =
          static_cast<std::size_t>(lane) * out.losses_stride + static_cast<std::size_t>(r);
      out.correct[at] = 0;
      out.losses[at] =
          number_loss(own, cols, targets + static_cast<std::size_t>(lane) * targets_stride + row,
                      1.0f / static_cast<float>(rows), gradient ? own : nullptr);
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
