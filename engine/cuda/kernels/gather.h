// The examples of a batch, taken from the resident data set in each lane's own order.
#pragma once
#include "core/shuffle.h"
#include "engine/cuda/lane_state.h"
#include "engine/cuda/team.h"

namespace vernier::engine::cuda {

/// Where place `row` of a lane's batch points to in the training part of `examples`.
struct BatchOrder {
  const LaneState* lanes;
  int examples, batch;
  int updates_per_epoch;

  VERNIER_HD Shuffle shuffle(int lane) const {
    const LaneState& state = lanes[lane];
    return Shuffle(static_cast<std::uint64_t>(examples), state.order,
                   static_cast<std::uint32_t>(state.update / updates_per_epoch));
  }
  VERNIER_HD std::uint64_t place(int lane, int row) const {
    return static_cast<std::uint64_t>(lanes[lane].update % updates_per_epoch) *
               static_cast<std::uint64_t>(batch) +
           static_cast<std::uint64_t>(row);
  }
};

/// to (T, batch, cols) = rows of from (examples, cols). A block is a row.
struct GatherRows {
  static constexpr int threads = 128;
  BatchOrder order;
  const float* from;
  float* to;
  std::size_t stride;  // floats from lane to lane, here and below
  int cols;

  VERNIER_HD void operator()(const Team& team, int lane, int row) const {
    const std::uint64_t example = order.shuffle(lane)(order.place(lane, row));
    const float* source = from + example * static_cast<std::size_t>(cols);
    float* target = to + static_cast<std::size_t>(lane) * stride +
                    static_cast<std::size_t>(row) * static_cast<std::size_t>(cols);
    for (int c = team.member; c < cols; c += team.size) target[c] = source[c];
  }
};

/// to (T, batch) = labels. A block is a lane.
struct GatherLabels {
  static constexpr int threads = 128;
  BatchOrder order;
  const std::int32_t* from;
  std::int32_t* to;
  std::size_t stride;

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    const Shuffle shuffle = order.shuffle(lane);
    for (int row = team.member; row < order.batch; row += team.size)
      to[static_cast<std::size_t>(lane) * stride + static_cast<std::size_t>(row)] =
          from[shuffle(order.place(lane, row))];
  }
};

}  // namespace vernier::engine::cuda
