// cuBLASLt's functions, from the opened library, and its descriptors as objects that destroy themselves.
#pragma once
#include <cublasLt.h>

#include <string>
#include <utility>

#include "engine/cuda/check.h"
#include "engine/cuda/libraries.h"

namespace vernier::engine::cuda {

inline void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw CudaError("[" + std::string(call) + "] cuBLASLt status " + std::to_string(status));
}

/// The functions used.
struct Lt {
#define FUNCTION(name) decltype(&::name) name = cublaslt_function<decltype(&::name)>(#name);
  FUNCTION(cublasLtCreate)
  FUNCTION(cublasLtDestroy)
  FUNCTION(cublasLtMatmul)
  FUNCTION(cublasLtMatmulAlgoCheck)
  FUNCTION(cublasLtMatmulAlgoGetHeuristic)
  FUNCTION(cublasLtMatmulDescCreate)
  FUNCTION(cublasLtMatmulDescDestroy)
  FUNCTION(cublasLtMatmulDescSetAttribute)
  FUNCTION(cublasLtMatrixLayoutCreate)
  FUNCTION(cublasLtMatrixLayoutDestroy)
  FUNCTION(cublasLtMatrixLayoutSetAttribute)
  FUNCTION(cublasLtMatmulPreferenceCreate)
  FUNCTION(cublasLtMatmulPreferenceDestroy)
  FUNCTION(cublasLtMatmulPreferenceSetAttribute)
#undef FUNCTION
};

/// One of its descriptors, from the function that makes it on, with the one that destroys it.
template <class Handle>
class LtObject {
 public:
  using Destroy = cublasStatus_t (*)(Handle);
  LtObject() = default;
  LtObject(Handle handle, Destroy destroy) : handle_(handle), destroy_(destroy) {}
  LtObject(LtObject&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)), destroy_(other.destroy_) {}
  LtObject& operator=(LtObject&& other) noexcept {
    std::swap(handle_, other.handle_);
    std::swap(destroy_, other.destroy_);
    return *this;
  }
  ~LtObject() {
    if (handle_ != nullptr) destroy_(handle_);
  }
  Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
  Destroy destroy_ = nullptr;
};

}  // namespace vernier::engine::cuda
