// cuBLASLt and cuDNN, opened by soname so that the module loads where they are missing.
#include "engine/cuda/libraries.h"

#include <cublasLt.h>
#include <cudnn.h>
#include <dlfcn.h>

#include <cstdlib>
#include <sstream>
#include <string>
#include <vector>

#include "engine/cuda/check.h"

namespace vernier::engine::cuda {
namespace {

std::vector<std::string> candidates(const std::string& soname, const char* package) {
  std::vector<std::string> paths;
  if (const char* listed = std::getenv("VERNIER_CUDA_LIBS")) {
    std::istringstream folders(listed);
    for (std::string folder; std::getline(folders, folder, ':');) {
      if (folder.empty()) continue;
      paths.push_back(folder + "/" + soname);
      paths.push_back(folder + "/nvidia/" + package + "/lib/" + soname);
      paths.push_back(folder + "/nvidia/cu13/lib/" + soname);
    }
  }
  paths.push_back(soname);
  paths.push_back("/usr/local/cuda/lib64/" + soname);
  return paths;
}

template <class Function>
Function symbol(const std::string& soname, const char* package, const char* name) {
  for (const std::string& path : candidates(soname, package)) {
    // Kept open for the life of the process: both libraries hold state of their own.
    if (void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) {
      if (void* found = dlsym(handle, name)) return reinterpret_cast<Function>(found);
      dlclose(handle);
    }
  }
  return nullptr;
}

}  // namespace

LibraryVersions library_versions() {
  LibraryVersions versions;
  const auto cublas =
      symbol<decltype(&cublasLtGetVersion)>("libcublasLt.so.13", "cublas", "cublasLtGetVersion");
  const auto cudnn =
      symbol<decltype(&cudnnGetVersion)>("libcudnn.so.9", "cudnn", "cudnnGetVersion");
  if (cublas != nullptr) versions.cublaslt = cublas();
  if (cudnn != nullptr) versions.cudnn = cudnn();
  return versions;
}

void* cudnn_library() {
  for (const std::string& path : candidates("libcudnn.so.9", "cudnn"))
    if (void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL)) return handle;
  return nullptr;
}

void* cublaslt_symbol(const char* name) {
  if (const auto found = symbol<void*>("libcublasLt.so.13", "cublas", name)) return found;
  throw CudaError(
      std::string("[cuBLASLt] no ") + name +
      " in libcublasLt.so.13, or no such library ($VERNIER_CUDA_LIBS names its folder)");
}

}  // namespace vernier::engine::cuda
