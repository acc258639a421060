// What a cohort's files know of a lane beside its numbers.
#pragma once
#include <utility>
#include <vector>

#include "engine/cuda/device_cohort.h"

namespace vernier::engine::cuda {

struct DeviceCohort::Lane {
  Recipe recipe;
  Plan plan;  // of its own widths, one lane
  Progress progress;
  std::vector<std::pair<int, double>> rates;  // of its dropout layers
  std::vector<std::pair<int, int>> widths;    // of what they see, where it has a bucket
  OptimizerClock clock;                       // behind the step that is trained
  bool held = false;
};

}  // namespace vernier::engine::cuda
