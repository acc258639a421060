// The module's one exported symbol: C functions around C++ that may throw.
#include <cuda_runtime_api.h>

#include <cstring>
#include <deque>
#include <exception>
#include <mutex>
#include <string>

#include "engine/cuda/check.h"
#include "engine/cuda/convolutions.h"
#include "engine/cuda/cuda_device.h"
#include "engine/cuda/libraries.h"
#include "engine/cuda/module_api.h"
#include "engine/cuda/self_test.h"

namespace vernier::engine::cuda {
namespace {

// Messages outlive their call, as the interface promises.
const char* keep(std::string text) {
  static std::mutex mutex;
  static std::deque<std::string> texts;
  const std::lock_guard lock(mutex);
  return texts.emplace_back(std::move(text)).c_str();
}

template <class Body>
const char* guarded(Body&& body) {
  try {
    body();
    return nullptr;
  } catch (const std::exception& error) {
    return keep(error.what());
  }
}

const char* versions(int* driver, int* runtime) {
  return guarded([&] {
    VERNIER_CUDA_CHECK(cudaDriverGetVersion(driver));
    VERNIER_CUDA_CHECK(cudaRuntimeGetVersion(runtime));
  });
}

const char* device_count(int* count) {
  return guarded([&] { VERNIER_CUDA_CHECK(cudaGetDeviceCount(count)); });
}

const char* device(int index, VernierCudaDevice* out) {
  return guarded([&] {
    cudaDeviceProp properties{};
    VERNIER_CUDA_CHECK(cudaGetDeviceProperties(&properties, index));
    VERNIER_CUDA_CHECK(cudaSetDevice(index));
    std::memcpy(out->name, properties.name, sizeof out->name);
    out->major = properties.major;
    out->minor = properties.minor;
    out->processors = properties.multiProcessorCount;
    VERNIER_CUDA_CHECK(cudaMemGetInfo(&out->free_bytes, &out->total_bytes));
  });
}

const char* libraries(std::size_t* cublaslt, std::size_t* cudnn) {
  return guarded([&] {
    const LibraryVersions found = library_versions();
    *cublaslt = found.cublaslt;
    *cudnn = found.cudnn;
  });
}

const char* run_self_test(int index) {
  return guarded([&] {
    if (const std::string difference = self_test(index); !difference.empty())
      throw CudaError(difference);
  });
}

const char* validate(const Convolution& convolution) {
  return guarded([&] {
    if (const std::string why = validate_convolution(convolution); !why.empty())
      throw CudaError(why);
  });
}

const char* make_device(int index, Device** out) {
  return guarded([&] { *out = make_cuda_device(index).release(); });
}

}  // namespace
}  // namespace vernier::engine::cuda

extern "C" const VernierCudaApi* vernier_cuda_api() {
  using namespace vernier::engine::cuda;
  static const VernierCudaApi api{vernier_cuda_abi, versions,      device_count, device,
                                  libraries,        run_self_test, validate,     make_device};
  return &api;
}
