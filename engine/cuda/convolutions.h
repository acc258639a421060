// Convolutions by cuDNN's graph API, the plan of each shape built once.
#pragma once
#include <cuda_runtime_api.h>

#include <memory>
#include <string>

#include "engine/cuda/convolution.h"
#include "engine/math/precision.h"

namespace vernier::engine::cuda {

class Convolutions {
 public:
  /// On the current device, beside `stream`. Where cuDNN cannot be opened it offers nothing.
  explicit Convolutions(cudaStream_t stream);
  Convolutions(const Convolutions&) = delete;
  ~Convolutions();
  bool offers(const Convolution& convolution, Precision precision);
  void run(const Convolution& convolution, Precision precision);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Builds the graph of a convolution and has the front end validate it, which needs cuDNN but no device. Empty where it is valid, else why not.
std::string validate_convolution(const Convolution& convolution);

}  // namespace vernier::engine::cuda
