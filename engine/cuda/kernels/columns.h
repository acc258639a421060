// Sums over the examples of a batch: a bias' gradient, and batch norm of units. A block is a column; its sums go over the rows in a fixed order.
#pragma once
#include <cmath>

#include "engine/cuda/cells.h"
#include "engine/cuda/lane_state.h"
#include "engine/cuda/team.h"

namespace vernier::engine::cuda {

/// One column of a lane's (rows, cols) matrix.
template <class Numbers>
struct Column {
  Numbers own;
  std::size_t column, step;

  VERNIER_HD std::size_t at(int row) const { return static_cast<std::size_t>(row) * step + column; }
  VERNIER_HD float operator[](int row) const { return own[at(row)]; }
  VERNIER_HD void set(int row, float x) const { own.set(at(row), x); }
};
template <class Numbers>
VERNIER_HD Column<Numbers> column_of(const Numbers& matrix, int lane, int column, int cols) {
  return {matrix.of(lane), static_cast<std::size_t>(column), static_cast<std::size_t>(cols)};
}

/// to (cols) = sums of dy (rows, cols).
struct BiasGradient {
  static constexpr int threads = 128;
  ConstCells dy;
  float* to;
  std::size_t to_stride;
  int rows, cols;

  VERNIER_HD void operator()(const Team& team, int lane, int column) const {
    const auto from = column_of(dy, lane, column, cols);
    float sum = 0;
    for (int r = team.member; r < rows; r += team.size) sum += from[r];
    sum = team.sum(sum);
    if (team.member == 0)
      to[static_cast<std::size_t>(lane) * to_stride + static_cast<std::size_t>(column)] = sum;
  }
};

/// As cpu::BatchNorm. The first four are of the lane's parameters and statistics, the last two of the workspace; strides
/// in floats.
struct BatchNormState {
  const float* gain;
  const float* shift;
  float* mean;
  float* variance;
  float* batch_mean;
  float* deviation;
  std::size_t parameter_stride, statistic_stride, stride;

  struct Own {
    const float &gain, &shift;
    float &mean, &variance, &batch_mean, &deviation;
  };
  VERNIER_HD Own of(int lane, int column) const {
    const auto at = [&](std::size_t lane_stride) {
      return static_cast<std::size_t>(lane) * lane_stride + static_cast<std::size_t>(column);
    };
    return {gain[at(parameter_stride)],     shift[at(parameter_stride)], mean[at(statistic_stride)],
            variance[at(statistic_stride)], batch_mean[at(stride)],      deviation[at(stride)]};
  }
};

/// y = relu?(gain (x - batch mean) deviation + shift). Running statistics of lanes that train are updated.
struct BatchNormTraining {
  static constexpr int threads = 128;
  const LaneState* lanes;
  BatchNormState state;
  Cells y;
  ConstCells x;
  int rows, cols;
  bool relu;
  float momentum, epsilon;

  VERNIER_HD void operator()(const Team& team, int lane, int column) const {
    const auto from = column_of(x, lane, column, cols);
    const auto to = column_of(y, lane, column, cols);
    const auto own = state.of(lane, column);
    const float share = 1.0f / static_cast<float>(rows);
    float sum = 0;
    for (int r = team.member; r < rows; r += team.size) sum += from[r];
    const float mean = team.sum(sum) * share;
    float squares = 0;
    for (int r = team.member; r < rows; r += team.size)
      squares += (from[r] - mean) * (from[r] - mean);
    squares = team.sum(squares);
    const float deviation = 1.0f / std::sqrt(squares * share + epsilon);
    const float gain = own.gain, shift = own.shift;
    for (int r = team.member; r < rows; r += team.size) {
      const float out = (from[r] - mean) * deviation * gain + shift;
      to.set(r, relu && out < 0 ? 0.0f : out);
    }
    if (team.member != 0) return;
    own.batch_mean = mean;
    own.deviation = deviation;
    if (!lanes[lane].active()) return;
    const float unbiased = rows > 1 ? 1.0f / static_cast<float>(rows - 1) : 1.0f;
    own.mean += momentum * (mean - own.mean);
    own.variance += momentum * (squares * unbiased - own.variance);
  }
};

struct BatchNormEvaluation {
  static constexpr int threads = 128;
  BatchNormState state;
  Cells y;
  ConstCells x;
  int rows, cols;
  bool relu;
  float epsilon;

  VERNIER_HD void operator()(const Team& team, int lane, int column) const {
    const auto from = column_of(x, lane, column, cols);
    const auto to = column_of(y, lane, column, cols);
    const auto own = state.of(lane, column);
    const float deviation = 1.0f / std::sqrt(own.variance + epsilon);
    for (int r = team.member; r < rows; r += team.size) {
      const float out = (from[r] - own.mean) * deviation * own.gain + own.shift;
      to.set(r, relu && out < 0 ? 0.0f : out);
    }
  }
};

/// dx from dy; dx may be dy.
struct BatchNormGradient {
  static constexpr int threads = 128;
  BatchNormState state;
  Cells dx;
  ConstCells dy;
  ConstCells x;
  float* gain_gradient;
  float* shift_gradient;
  int rows, cols;
  bool relu;

  VERNIER_HD void operator()(const Team& team, int lane, int column) const {
    const auto value = column_of(x, lane, column, cols);
    const auto from = column_of(dy, lane, column, cols);
    const auto to = column_of(dx, lane, column, cols);
    const auto own = state.of(lane, column);
    const auto normalised = [&](int r) { return (value[r] - own.batch_mean) * own.deviation; };
    // Behind the relu, which is found again from its input.
    const auto gradient = [&](int r) {
      return relu && !(normalised(r) * own.gain + own.shift > 0) ? 0.0f : from[r];
    };
    float gains = 0, shifts = 0;
    for (int r = team.member; r < rows; r += team.size) {
      gains += gradient(r) * normalised(r);
      shifts += gradient(r);
    }
    gains = team.sum(gains);
    shifts = team.sum(shifts);
    const float share = 1.0f / static_cast<float>(rows);
    for (int r = team.member; r < rows; r += team.size)
      to.set(r,
             own.gain * own.deviation * (gradient(r) - share * (shifts + normalised(r) * gains)));
    if (team.member != 0) return;
    const std::size_t at =
        static_cast<std::size_t>(lane) * state.parameter_stride + static_cast<std::size_t>(column);
    gain_gradient[at] = gains;
    shift_gradient[at] = shifts;
  }
};

}  // namespace vernier::engine::cuda
