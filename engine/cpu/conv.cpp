#include "engine/cpu/conv.h"

#include <algorithm>
#include <vector>

#include "engine/cpu/conv_weight_gradient.h"
#include "engine/cpu/correlate.h"

namespace vernier::engine::cpu {
namespace {

/// The lines (rows or columns) of the source that one line of the target reads, with their places in the window.
std::vector<Reads> forward_reads(int target, int source, int window, const Window& w) {
  std::vector<Reads> all(static_cast<std::size_t>(target));
  for (int t = 0; t < target; ++t) {
    for (int k = 0; k < window; ++k) {
      const int s = t * w.stride + k - w.before;
      if (s >= 0 && s < source) all[static_cast<std::size_t>(t)].push_back({s, k});
    }
  }
  return all;
}

/// The window is turned round, so that pixels and weights are read upwards in memory, as they are fetched ahead.
std::vector<Reads> gradient_reads(int target, int source, int window, const Window& w) {
  std::vector<Reads> all(static_cast<std::size_t>(target));
  for (int t = 0; t < target; ++t) {
    for (int k = window - 1; k >= 0; --k) {
      const int s = t + w.before - k;
      if (s >= 0 && s % w.stride == 0 && s / w.stride < source) {
        all[static_cast<std::size_t>(t)].push_back({s / w.stride, window - 1 - k});
      }
    }
  }
  return all;
}

/// Columns at distance `step` that read the same places of the window, one after the other: computed together.
std::vector<Run> runs_of(const std::vector<Reads>& columns, int step) {
  std::vector<Run> runs;
  const int count = static_cast<int>(columns.size());
  const auto places_equal = [](const Reads& a, const Reads& b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                              [](Read p, Read q) { return p.place == q.place; });
  };
  for (int phase = 0; phase < std::min(step, count); ++phase) {
    for (int t = phase; t < count; t += step) {
      const Reads& now = columns[static_cast<std::size_t>(t)];
      if (t > phase && places_equal(now, runs.back().reads)) {
        ++runs.back().count;
      } else {
        runs.push_back({t, 1, now});
      }
    }
  }
  return runs;
}

std::size_t window_area(const Window& w) {
  return static_cast<std::size_t>(w.height) * static_cast<std::size_t>(w.width);
}

/// to: [group][target channels / pack][source channels][places][pack]; from: (places, inputs / groups, filters).
/// `gradient`: the targets are the inputs, and the window is turned round.
void pack_weights(const ConvShape& shape, const float* from, bool gradient, float* to) {
  const auto groups = static_cast<std::size_t>(shape.groups);
  const auto filters = static_cast<std::size_t>(shape.output.channels);
  const std::size_t inputs = static_cast<std::size_t>(shape.input.channels) / groups;
  const std::size_t outputs = filters / groups;
  const std::size_t places = window_area(shape.window);
  const std::size_t targets = gradient ? inputs : outputs;
  const std::size_t sources = gradient ? outputs : inputs;
  const auto pack = static_cast<std::size_t>(channel_pack());
  for (std::size_t g = 0; g < groups; ++g) {
    for (std::size_t first = 0; first < targets; first += pack, to += sources * places * pack) {
      const std::size_t n = std::min(pack, targets - first);
      if (n < pack) std::fill_n(to, sources * places * pack, 0.0f);
      // The filters are next to each other in `from`: they go along in the innermost loop, a few at a time where they are the sources.
      constexpr std::size_t few = 16;
      for (std::size_t begin = 0; begin < sources; begin += few) {
        const std::size_t end = std::min(sources, begin + few);
        for (std::size_t p = 0; p < places; ++p) {
          const float* place = from + p * inputs * filters + g * outputs;
          const std::size_t slot = gradient ? places - 1 - p : p;
          const auto at = [&](std::size_t s) { return to + (s * places + slot) * pack; };
          if (gradient) {
            for (std::size_t t = 0; t < n; ++t) {
              const float* row = place + (first + t) * filters;
              for (std::size_t s = begin; s < end; ++s) at(s)[t] = row[s];
            }
          } else {
            for (std::size_t s = begin; s < end; ++s)
              std::copy_n(place + s * filters + first, n, at(s));
          }
        }
      }
    }
  }
}

Correlation correlation(const ConvShape& shape, const Images& source, const Images& target) {
  Correlation c;
  c.source = source;
  c.target = target;
  c.groups = shape.groups;
  c.places = static_cast<int>(window_area(shape.window));
  c.place_columns = shape.window.width;
  return c;
}

}  // namespace

std::size_t conv_scratch(const ConvShape& shape) {
  const auto groups = static_cast<std::size_t>(shape.groups);
  const std::size_t inputs = static_cast<std::size_t>(shape.input.channels) / groups;
  const std::size_t outputs = static_cast<std::size_t>(shape.output.channels) / groups;
  const auto pack = static_cast<std::size_t>(channel_pack());
  const auto padded = [pack](std::size_t n) { return (n + pack - 1) / pack * pack; };
  return groups * window_area(shape.window) *
         std::max(inputs * padded(outputs), outputs * padded(inputs));
}

void conv(const ConvShape& shape, const float* x, const float* w, const float* bias, float* y,
          float* scratch) {
  pack_weights(shape, w, false, scratch);
  Correlation c = correlation(shape, shape.input, shape.output);
  c.rows =
      forward_reads(shape.output.height, shape.input.height, shape.window.height, shape.window);
  c.runs = runs_of(
      forward_reads(shape.output.width, shape.input.width, shape.window.width, shape.window), 1);
  c.target_step = 1;
  c.source_step = shape.window.stride;
  correlate(c, x, scratch, bias, y, false);
}

void conv_input_gradient(const ConvShape& shape, const float* dy, const float* w, float* dx,
                         bool accumulate, float* scratch) {
  pack_weights(shape, w, true, scratch);
  Correlation c = correlation(shape, shape.output, shape.input);
  c.rows =
      gradient_reads(shape.input.height, shape.output.height, shape.window.height, shape.window);
  c.runs = runs_of(
      gradient_reads(shape.input.width, shape.output.width, shape.window.width, shape.window),
      shape.window.stride);
  c.target_step = shape.window.stride;
  c.source_step = 1;
  correlate(c, dy, scratch, nullptr, dx, accumulate);
}

namespace {

bool by_filters(const ConvShape& shape) {
  return shape.output.channels / shape.groups >= least_filters &&
         shape.input.channels / shape.groups >= least_inputs;
}

}  // namespace

std::size_t conv_weight_gradient_scratch(const ConvShape& shape) {
  return by_filters(shape) ? weight_gradient_by_filters_scratch(shape) : 0;
}

void conv_weight_gradient(const ConvShape& shape, const float* x, const float* dy, float* dw,
                          float* scratch) {
  if (by_filters(shape)) return weight_gradient_by_filters(shape, x, dy, dw, scratch);
  weight_gradient_by_examples(shape, x, dy, dw);
}

}  // namespace vernier::engine::cpu
