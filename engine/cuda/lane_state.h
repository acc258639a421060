// What the device knows of a lane beside its tensors. The host writes it when a lane is admitted and before each step; kernels advance the
// counters, so that recorded updates are replayed without the host.
#pragma once
#include <cstdint>

#include "core/rng.h"
#include "engine/math/augment.h"
#include "engine/math/losses.h"
#include "engine/math/optimizers.h"

namespace vernier::engine::cuda {

inline constexpr int most_dropouts = 64;  // layers of one network

struct LaneState {
  // Of the trial.
  RngKey order, dropout, augment;
  float smoothing = 0;
  double clip_norm = 0;  // 0: off
  float average = 0;     // decay of averaged weights
  AugmentRule rule;
  double rates[most_dropouts] = {};  // of the network's dropout layers
  int widths[most_dropouts] = {};    // what they see has so many columns of the lane's own; 0: all

  // Of the step. Updates update .. until - 1 are trained; the coefficients of update u are steps[u - first].
  std::int64_t first = 0, until = 0;
  const OptimizerStep<float>* steps = nullptr;

  // Advanced by kernels.
  std::int64_t update = 0;
  double loss = 0, norms = 0;  // sums over the step's updates
  std::int64_t correct = 0;
  float scale = 1;   // of this update's gradient (clipping)
  int failing = 0;   // this update: a loss or a gradient is not finite
  int diverged = 0;  // an update failed: the lane takes no further one

  VERNIER_HD bool active() const { return update < until && diverged == 0; }
};

/// Lanes of a cohort that a launch is for: neighbours in its memory.
struct LaneRange {
  int first = 0, count = 1;
};

/// Of an evaluation.
struct LaneSums {
  double loss = 0;
  std::int64_t correct = 0;
  double squares = 0;  // of the weights
};

}  // namespace vernier::engine::cuda
