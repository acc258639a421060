// A data set in device memory; read by every cohort of the device that trains on it. Inputs whose source has bytes lie there as bytes and are
// prepared where they are read: a quarter of the memory, the same bits.
#pragma once
#include <vector>

#include "engine/cuda/device.h"
#include "engine/data/dataset.h"

namespace vernier::engine::cuda {

/// One part of it. Exactly one of labels and targets is there, unless n is 0.
struct ResidentPart {
  Examples x;                            // (n, features)
  const std::int32_t* labels = nullptr;  // (n)
  const float* targets = nullptr;        // (n, outputs)
  int n = 0;
};

/// Whether a data set's inputs lie as bytes: where they were, and each feature is prepared by itself.
bool as_bytes(const Dataset& data);
/// What ResidentData will allocate.
std::size_t resident_bytes(const Dataset& data);

class ResidentData {
 public:
  /// `device` outlives it.
  ResidentData(Device& device, const Dataset& data);

 private:
  template <class T>
  const T* upload(Device& device, const std::vector<T>& values);
  Examples place(Device& device, const Dataset& data, const std::vector<float>& x);
  ResidentPart place(Device& device, const Dataset& data, const Part& part);
  std::vector<Memory> memory_;     // first: the parts point into it
  const double *offset_, *scale_;  // of preparation; null: inputs lie prepared

 public:
  const ResidentPart train, valid, test;
};

}  // namespace vernier::engine::cuda
