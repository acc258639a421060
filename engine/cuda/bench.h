// Measurements of a GPU: the cohorts that trials run in, on random data.
#pragma once
#include <string>

#include "engine/cuda/gpu.h"

namespace vernier::engine::cuda {

struct LanesBench {
  double update_us_median = 0, update_us_min = 0;  // of the whole cohort: an update of every lane
  double flops = 0;                                // of one lane's update
  int measurements = 0;                            // of about 64 updates each
};
/// Trains `lanes` trials of a model of cpu::bench_models() in a precision for about `seconds`. Throws UsageError for what a GPU cannot train.
LanesBench bench_lanes(Gpu& gpu, const std::string& model, int batch, int lanes,
                       const std::string& precision, double seconds);

}  // namespace vernier::engine::cuda
