// NVIDIA's libraries, opened at run time by soname: the module loads where they are missing.
#pragma once
#include <cstddef>

namespace vernier::engine::cuda {

struct LibraryVersions {
  std::size_t cublaslt = 0, cudnn = 0;  // 0: not found
};
LibraryVersions library_versions();

/// libcudnn.so.9, opened for good; null where there is none.
void* cudnn_library();

/// Throws CudaError where cuBLASLt, or the function in it, is missing.
void* cublaslt_symbol(const char* name);
template <class Function>
Function cublaslt_function(const char* name) {
  return reinterpret_cast<Function>(cublaslt_symbol(name));
}

}  // namespace vernier::engine::cuda
