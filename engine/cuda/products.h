// Matrix products by cuBLASLt, the algorithm of each shape chosen once.
#pragma once
#include <cuda_runtime_api.h>

#include <memory>

#include "engine/cuda/device.h"

namespace vernier::engine::cuda {

class Products {
 public:
  /// On the current device. Throws CudaError where cuBLASLt cannot be opened.
  explicit Products(cudaStream_t stream);
  Products(const Products&) = delete;
  ~Products();
  void run(const MatrixProduct& product, Precision precision);
  /// Whether there is an algorithm.
  bool offers(const MatrixProduct& product, Precision precision);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vernier::engine::cuda
