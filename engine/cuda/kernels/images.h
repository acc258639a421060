// Images, (rows, height, width, channels) one after the other: unfolded for products, pooled, placed, and gathered with augmentation.
#pragma once
#include "engine/cuda/kernels/elementwise.h"
#include "engine/cuda/kernels/gather.h"
#include "engine/math/augment.h"

namespace vernier::engine::cuda {

struct ImageSize {
  int height = 1, width = 1, channels = 1;

  VERNIER_HD std::size_t area() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  VERNIER_HD std::size_t count() const { return area() * static_cast<std::size_t>(channels); }
  VERNIER_HD std::size_t at(std::size_t row, int y, int x, int c) const {
    return ((row * static_cast<std::size_t>(height) + static_cast<std::size_t>(y)) *
                static_cast<std::size_t>(width) +
            static_cast<std::size_t>(x)) *
               static_cast<std::size_t>(channels) +
           static_cast<std::size_t>(c);
  }
};

/// Where element i of images lies.
struct Pixel {
  std::size_t row;
  int y, x, c;

  VERNIER_HD Pixel(const ImageSize& size, std::size_t i) {
    const auto take = [&i](int n) {
      const int rest = static_cast<int>(i % static_cast<std::size_t>(n));
      i /= static_cast<std::size_t>(n);
      return rest;
    };
    c = take(size.channels);
    x = take(size.width);
    y = take(size.height);
    row = i;
  }
};

/// What a kernel of the window must know of input and output.
struct Windows {
  ImageSize input, output;
  int height, width, stride, before;

  VERNIER_HD int taps() const { return height * width; }
  /// The window of output pixel o begins here.
  VERNIER_HD int begin(int o) const { return o * stride - before; }
  /// The first output whose window holds input i, and the last, along a side of `size` outputs and windows of `length`.
  VERNIER_HD int first_over(int i, int length) const {
    const int low = i + before - length + 1;
    return low <= 0 ? 0 : (low + stride - 1) / stride;
  }
  VERNIER_HD int last_over(int i, int size) const {
    const int last = (i + before) / stride;
    return last < size ? last : size - 1;
  }
};

/// to (rows, output pixels, taps, channels) = what each window sees of some channels, zeros outside the image.
struct Unfold {
  static constexpr int threads = 256;
  Windows w;
  Cells to;
  ConstCells x;
  std::size_t count;
  int first_channel, channels;  // of the input: those of a group

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells out = to.of(lane);
    const ConstCells from = x.of(lane);
    // As an image of more channels.
    const ImageSize seen{w.output.height, w.output.width, w.taps() * channels};
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(seen, i);
      const int tap = at.c / channels;
      const int y = w.begin(at.y) + tap / w.width, column = w.begin(at.x) + tap % w.width;
      const bool inside = y >= 0 && y < w.input.height && column >= 0 && column < w.input.width;
      const int channel = first_channel + at.c % channels;
      out.set(i, inside ? from[w.input.at(at.row, y, column, channel)] : 0.0f);
    });
  }
};

/// dx = or += the sums of the windows' gradients, `from` laid out as Unfold does.
struct Fold {
  static constexpr int threads = 256;
  Windows w;
  Cells dx;
  ConstCells from;
  std::size_t count;  // of the group's channels
  int first_channel, channels;
  bool accumulate;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells out = dx.of(lane);
    const ConstCells in = from.of(lane);
    const ImageSize seen{w.output.height, w.output.width, w.taps() * channels};
    const ImageSize own{w.input.height, w.input.width, channels};
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(own, i);
      float sum = 0;
      const int bottom = w.last_over(at.y, w.output.height),
                right = w.last_over(at.x, w.output.width);
      for (int y = w.first_over(at.y, w.height); y <= bottom; ++y) {
        for (int x = w.first_over(at.x, w.width); x <= right; ++x) {
          const int tap = (at.y - w.begin(y)) * w.width + at.x - w.begin(x);
          sum += in[seen.at(at.row, y, x, tap * channels + at.c)];
        }
      }
      const std::size_t to = w.input.at(at.row, at.y, at.x, first_channel + at.c);
      out.set(to, accumulate ? out[to] + sum : sum);
    });
  }
};

/// to (filters, taps and channels) = from (taps and channels, filters); `back`: the other way round.
struct TurnFilters {
  static constexpr int threads = 256;
  ConstCells from;
  Cells to;
  int filters;
  std::size_t count;
  bool back;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const ConstCells in = from.of(lane);
    const Cells out = to.of(lane);
    const auto rows = static_cast<std::size_t>(filters);
    const std::size_t weights = count / rows;
    each_element(team, block, count, [&](std::size_t i) {
      out.set(i, in[back ? i % rows * weights + i / rows : i % weights * rows + i / weights]);
    });
  }
};

/// Maximum (mask gets its place in the window, the first of equals; NaN wins) or, without a mask, average of what lies in the image.
struct Pool {
  static constexpr int threads = 256;
  Windows w;
  Cells y;
  ConstCells x;
  std::uint8_t* mask;
  std::size_t mask_stride, count;
  bool maximum;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells out = y.of(lane);
    const ConstCells in = x.of(lane);
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(w.output, i);
      float best = 0, sum = 0;
      int place = -1, seen = 0;
      for (int tap = 0; tap < w.taps(); ++tap) {
        const int row = w.begin(at.y) + tap / w.width, column = w.begin(at.x) + tap % w.width;
        if (row < 0 || row >= w.input.height || column < 0 || column >= w.input.width) continue;
        const float value = in[w.input.at(at.row, row, column, at.c)];
        if (place < 0 || value > best || value != value) {
          best = value;
          place = tap;
        }
        sum += value;
        ++seen;
      }
      out.set(i, maximum ? best : sum * (1.0f / static_cast<float>(seen)));
      if (mask != nullptr)
        mask[static_cast<std::size_t>(lane) * mask_stride + i] = static_cast<std::uint8_t>(place);
    });
  }
};

struct PoolGradient {
  static constexpr int threads = 256;
  Windows w;
  Cells dx;
  ConstCells dy;
  const std::uint8_t* mask;  // null: average
  std::size_t mask_stride, count;
  bool accumulate;

  VERNIER_HD int inside(int begin, int length, int size) const {
    const int first = begin < 0 ? 0 : begin, behind = begin + length < size ? begin + length : size;
    return behind - first;
  }
  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells out = dx.of(lane);
    const ConstCells in = dy.of(lane);
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(w.input, i);
      float sum = 0;
      const int bottom = w.last_over(at.y, w.output.height),
                right = w.last_over(at.x, w.output.width);
      for (int y = w.first_over(at.y, w.height); y <= bottom; ++y) {
        for (int x = w.first_over(at.x, w.width); x <= right; ++x) {
          const std::size_t o = w.output.at(at.row, y, x, at.c);
          if (mask == nullptr) {
            const int seen = inside(w.begin(y), w.height, w.input.height) *
                             inside(w.begin(x), w.width, w.input.width);
            sum += in[o] * (1.0f / static_cast<float>(seen));
          } else {
            const int tap = (at.y - w.begin(y)) * w.width + at.x - w.begin(x);
            if (mask[static_cast<std::size_t>(lane) * mask_stride + o] == tap) sum += in[o];
          }
        }
      }
      out.set(i, accumulate ? out[i] + sum : sum);
    });
  }
};

/// The channels of `part` are those of `whole` from `channel` on; one is copied to the other.
struct PlaceChannels {
  static constexpr int threads = 256;
  Cells whole;
  Cells part;
  ImageSize size;  // of the part
  int channels;    // of the whole
  int channel;
  std::size_t count;  // of the part
  bool back;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells all = whole.of(lane), some = part.of(lane);
    const auto own = static_cast<std::size_t>(size.channels);
    each_element(team, block, count, [&](std::size_t i) {
      const std::size_t there = i / own * static_cast<std::size_t>(channels) +
                                static_cast<std::size_t>(channel) + i % own;
      if (back) {
        some.set(i, all[there]);
      } else {
        all.set(there, some[i]);
      }
    });
  }
};

/// y = every step-th row and column of x, zeros in channels that x has not.
struct PadShortcut {
  static constexpr int threads = 256;
  ImageSize input, output;
  Cells y;
  ConstCells x;
  std::size_t count;
  int step;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells to = y.of(lane);
    const ConstCells from = x.of(lane);
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(output, i);
      const bool there = at.c < input.channels;
      to.set(i, there ? from[input.at(at.row, at.y * step, at.x * step, at.c)] : 0.0f);
    });
  }
};

struct PadShortcutGradient {
  static constexpr int threads = 256;
  ImageSize input, output;
  Cells dx;
  ConstCells dy;
  std::size_t count;
  int step;

  VERNIER_HD void operator()(const Team& team, int lane, int block) const {
    const Cells to = dx.of(lane);
    const ConstCells from = dy.of(lane);
    each_element(team, block, count, [&](std::size_t i) {
      const Pixel at(input, i);
      const bool kept = at.y % step == 0 && at.x % step == 0 && at.y / step < output.height &&
                        at.x / step < output.width;
      to.set(i, kept ? from[output.at(at.row, at.y / step, at.x / step, at.c)] : 0.0f);
    });
  }
};

/// As GatherRows, with each lane's augmentation (engine/math/augment.h; what a lane has not is off in its rule). A block is an image.
struct GatherAugmented {
  static constexpr int threads = 128;
  BatchOrder order;
  Examples from;
  Cells to;

  VERNIER_HD void operator()(const Team& team, int lane, int row) const {
    const LaneState& state = order.lanes[lane];
    const AugmentRule& rule = state.rule;
    const ImageSize size{rule.height, rule.width, rule.channels};
    const std::size_t count = size.count();
    const Examples::One image = from.at(order.shuffle(lane)(order.place(lane, row)), count);
    const Cells out = to.of(lane).from(static_cast<std::size_t>(row) * count);
    const auto update = static_cast<std::uint32_t>(state.update);
    const auto place = static_cast<std::uint64_t>(row);
    const AugmentDraw draw = draw_augmentation(rule, state.augment, update, place);
    float sum = 0;
    for (std::size_t i = static_cast<std::size_t>(team.member); i < count;
         i += static_cast<std::size_t>(team.size)) {
      const Pixel at(size, i);
      const float moved = moved_pixel(rule, draw, image, at.y, at.x, at.c);
      out.set(i, moved);
      sum += moved;
    }
    const float middle = team.sum(sum) * (1 / static_cast<float>(count));
    for (std::size_t i = static_cast<std::size_t>(team.member); i < count;
         i += static_cast<std::size_t>(team.size)) {
      const Pixel at(size, i);
      if (rule.recolours()) {
        const float lift =
            draw.brightness + middle + channel_jitter(rule, state.augment, update, place, at.c);
        out.set(i, (out[i] - middle) * draw.contrast + lift);
      }
      if (rule.cutout > 0 && is_cut(rule, draw, at.y, at.x)) out.set(i, 0);
    }
  }
};

}  // namespace vernier::engine::cuda
