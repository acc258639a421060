// The examples of a batch, taken from the resident data set in each lane's own order.
#pragma once
#include "core/shuffle.h"
#include "engine/cuda/kernels/elementwise.h"

namespace vernier::engine::cuda {

/// Examples (n, features) in device memory: prepared numbers, or bytes as the source has them and what prepares each feature
/// (engine/data/prepare.h), computed in double as on the host: the same bits.
struct Examples {
  const float* numbers = nullptr;
  const std::uint8_t* bytes = nullptr;  // in place of numbers
  const double* offset = nullptr;       // (features), with bytes
  const double* scale = nullptr;

  struct One {
    const float* numbers;
    const std::uint8_t* bytes;
    const double* offset;
    const double* scale;

    VERNIER_HD float operator[](std::size_t f) const {
      if (bytes == nullptr) return numbers[f];
      return static_cast<float>((static_cast<double>(bytes[f]) - offset[f]) * scale[f]);
    }
  };
  VERNIER_HD One at(std::uint64_t example, std::size_t features) const {
    const std::size_t first = example * features;
    return {numbers == nullptr ? nullptr : numbers + first,
            bytes == nullptr ? nullptr : bytes + first, offset, scale};
  }
};

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
  Examples from;
  Cells to;
  int cols;

  VERNIER_HD void operator()(const Team& team, int lane, int row) const {
    const auto width = static_cast<std::size_t>(cols);
    const Examples::One source = from.at(order.shuffle(lane)(order.place(lane, row)), width);
    const Cells target = to.of(lane).from(static_cast<std::size_t>(row) * width);
    for (auto c = static_cast<std::size_t>(team.member); c < width;
         c += static_cast<std::size_t>(team.size))
      target.set(c, source[c]);
  }
};

/// to (T, batch) = labels. A block is a lane.
struct GatherLabels {
  static constexpr int threads = 128;
  BatchOrder order;
  const std::int32_t* from;
  std::int32_t* to;
  std::size_t stride;  // labels from lane to lane

  VERNIER_HD void operator()(const Team& team, int lane, int) const {
    const Shuffle shuffle = order.shuffle(lane);
    for (int row = team.member; row < order.batch; row += team.size)
      to[static_cast<std::size_t>(lane) * stride + static_cast<std::size_t>(row)] =
          from[shuffle(order.place(lane, row))];
  }
};

/// to (T, count) = the examples from `first` on, side by side. to.stride 0: once, for all lanes.
struct ReadExamples {
  static constexpr int threads = 256;
  Examples from;
  std::uint64_t first;
  Cells to;
  std::size_t count;
  int cols;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const auto width = static_cast<std::size_t>(cols);
    const Cells target = to.of(lane);
    each_element(team, block, count, [&](std::size_t i) {
      target.set(i, from.at(first + i / width, width)[i % width]);
    });
  }
};

}  // namespace vernier::engine::cuda
