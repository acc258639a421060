// What libvernier_cuda.so offers the program, as plain C: the program itself needs no CUDA library.
// Every function returns nullptr where it succeeded, else a message that lives as long as the module.
#pragma once
#include <cstddef>

namespace vernier::engine::cuda {
class Device;
struct Convolution;
}  // namespace vernier::engine::cuda

extern "C" {

struct VernierCudaDevice {
  char name[256];
  int major, minor;  // compute capability
  int processors;    // streaming multiprocessors
  std::size_t total_bytes, free_bytes;
};

struct VernierCudaApi {
  int abi;  // vernier_cuda_abi of the module
  /// Driver and runtime versions as CUDA writes them: 13000 for 13.0; 0 where there is no driver.
  const char* (*versions)(int* driver, int* runtime);
  const char* (*device_count)(int* count);
  const char* (*device)(int index, VernierCudaDevice* out);
  /// Opens cuBLASLt and cuDNN (along VERNIER_CUDA_LIBS, the loader's path, /usr/local/cuda) and reads their versions; 0 where missing.
  const char* (*libraries)(std::size_t* cublaslt, std::size_t* cudnn);
  /// Random bits and an optimizer's trajectory computed on the device and on the host, from the one source of core/rng.h and
  /// engine/math: the random bits equal, the weights within rounding. A message where they are not.
  const char* (*self_test)(int index);
  /// Builds the graph of a convolution for cuDNN and has it validated, which needs no device.
  const char* (*validate_convolution)(const vernier::engine::cuda::Convolution& convolution);
  /// Opens a device for training (device.h): the caller deletes it. C++ objects: program and module are of one build.
  const char* (*make_device)(int index, vernier::engine::cuda::Device** out);
};

/// The one exported symbol.
const VernierCudaApi* vernier_cuda_api();
}

inline constexpr int vernier_cuda_abi = 3;
