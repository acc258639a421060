// A data set in device memory, prepared as on the host; read by every cohort of the device that trains on it.
#pragma once
#include <vector>

#include "engine/cuda/device.h"
#include "engine/data/dataset.h"

namespace vernier::engine::cuda {

/// One part of it. Exactly one of labels and targets is there, unless n is 0.
struct ResidentPart {
  const float* x = nullptr;              // (n, features)
  const std::int32_t* labels = nullptr;  // (n)
  const float* targets = nullptr;        // (n, outputs)
  int n = 0;
};

class ResidentData {
 public:
  /// `device` outlives it.
  ResidentData(Device& device, const Dataset& data);

 private:
  ResidentPart place(Device& device, const Part& part);
  std::vector<Memory> memory_;  // first: the parts point into it

 public:
  const ResidentPart train, valid, test;
};

}  // namespace vernier::engine::cuda
