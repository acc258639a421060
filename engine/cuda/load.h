// Finds and opens the CUDA module at run time; a machine without it runs everything on the CPU.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/cuda/module_api.h"

namespace vernier::engine {

/// libvernier_cuda.so, opened. Move-only.
class CudaModule {
 public:
  /// Sought as $VERNIER_CUDA_MODULE, beside the program, then in ../lib/vernier. nullopt with `why` where there is none, or of another build.
  static std::optional<CudaModule> open(std::string& why);
  CudaModule(CudaModule&& other) noexcept;
  CudaModule& operator=(CudaModule&&) = delete;
  ~CudaModule();

  const std::filesystem::path& path() const { return path_; }
  const VernierCudaApi& api() const { return *api_; }

 private:
  CudaModule(void* handle, const VernierCudaApi* api, std::filesystem::path path);
  void* handle_;
  const VernierCudaApi* api_;
  std::filesystem::path path_;
};

/// What `vernier doctor` says of CUDA on this machine.
struct CudaReport {
  bool module = false;                  // found and opened
  std::string path, why;                // why not, or why it has no device
  int driver = 0, runtime = 0;          // 13000 for 13.0
  std::size_t cublaslt = 0, cudnn = 0;  // versions; 0: not found
  std::vector<VernierCudaDevice> devices;
  std::vector<std::string> self_tests;  // a line a device: "ok", or what differs
};
CudaReport inspect_cuda();

}  // namespace vernier::engine
