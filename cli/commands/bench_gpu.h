// `vernier bench --gpu`: updates of many trials at once.
#pragma once
#include <string>
#include <vector>

#include "cli/command.h"

namespace vernier::cli {

struct GpuBench {
  int gpu = 0;
  std::vector<std::string> nets;
  std::vector<int> lanes;
  int batch = 128;
  std::string precision = "fp32";
  double seconds = 3;
  bool json = false;
};

/// Throws DeviceError where there is no such GPU, saying why.
int bench_gpu(const Invocation& invocation, const GpuBench& settings);

}  // namespace vernier::cli
