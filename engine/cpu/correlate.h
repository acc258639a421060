// The one loop behind a convolution and its input gradient: every element of the target is a sum over source channels and places of the
// window. Which source lines a target line reads is a table.
#pragma once
#include <vector>

#include "engine/plan/images.h"

namespace vernier::engine::cpu {

struct Read {
  int line;   // row or column of the source
  int place;  // row or column of the window
};
using Reads = std::vector<Read>;

/// Target columns first, first + step, ...: all read the same places of the window, each `source_step` columns further than the one before.
struct Run {
  int first = 0, count = 0;
  Reads reads;  // of the first
};

struct Correlation {
  Images source, target;
  int groups = 1;
  int places = 1, place_columns = 1;  // of the window
  std::vector<Reads> rows;            // per target row
  std::vector<Run> runs;              // of target columns
  int target_step = 1, source_step = 1;
};

/// Target channels that are computed together: weights come as [group][target channels / pack][source channels][places][pack], the last
/// pack filled up with zeros.
int channel_pack();

/// y = sums + bias, or y += sums. `bias` (target channels) may be null.
void correlate(const Correlation& c, const float* x, const float* weights, const float* bias,
               float* y, bool accumulate);

}  // namespace vernier::engine::cpu
