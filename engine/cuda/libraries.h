// Versions of NVIDIA's libraries as found at run time.
#pragma once
#include <cstddef>

namespace vernier::engine::cuda {

struct LibraryVersions {
  std::size_t cublaslt = 0, cudnn = 0;  // 0: not found
};
LibraryVersions library_versions();

}  // namespace vernier::engine::cuda
