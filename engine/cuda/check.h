// Every CUDA call is checked; a failed one becomes a message.
#pragma once
#include <cuda_runtime_api.h>

#include <stdexcept>
#include <string>

namespace vernier::engine::cuda {

struct CudaError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void check(cudaError_t code, const char* call) {
  if (code != cudaSuccess)
    throw CudaError("[" + std::string(call) + "] " + cudaGetErrorString(code));
}

}  // namespace vernier::engine::cuda

#define VERNIER_CUDA_CHECK(call) ::vernier::engine::cuda::check((call), #call)
