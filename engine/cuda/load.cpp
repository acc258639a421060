#include "engine/cuda/load.h"

#include <dlfcn.h>

#include <cstdlib>
#include <utility>

namespace vernier::engine {
namespace {

std::vector<std::filesystem::path> places() {
  std::vector<std::filesystem::path> places;
  if (const char* named = std::getenv("VERNIER_CUDA_MODULE")) return {named};
  std::error_code ignored;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  if (!program.empty()) {
    places.push_back(program / "libvernier_cuda.so");
    places.push_back(program.parent_path() / "lib/vernier/libvernier_cuda.so");
  }
  return places;
}

}  // namespace

CudaModule::CudaModule(void* handle, const VernierCudaApi* api, std::filesystem::path path)
    : handle_(handle), api_(api), path_(std::move(path)) {}

CudaModule::CudaModule(CudaModule&& other) noexcept
    : handle_(std::exchange(other.handle_, nullptr)),
      api_(other.api_),
      path_(std::move(other.path_)) {}

CudaModule::~CudaModule() {
  if (handle_ != nullptr) dlclose(handle_);
}

std::optional<CudaModule> CudaModule::open(std::string& why) {
  why =
      "no libvernier_cuda.so beside the program (built where nvcc is found; $VERNIER_CUDA_MODULE "
      "names another)";
  for (const auto& path : places()) {
    std::error_code ignored;
    if (!std::filesystem::exists(path, ignored)) continue;
    // Never unloaded: the CUDA runtime in it holds state of the process.
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    if (handle == nullptr) {
      why = dlerror();
      continue;
    }
    using Entry = const VernierCudaApi* (*)();
    const auto entry = reinterpret_cast<Entry>(dlsym(handle, "vernier_cuda_api"));
    const VernierCudaApi* api = entry != nullptr ? entry() : nullptr;
    if (api != nullptr && api->abi == vernier_cuda_abi) return CudaModule(handle, api, path);
    why = path.string() + " is of another build of vernier";
    dlclose(handle);
  }
  return std::nullopt;
}

CudaReport inspect_cuda() {
  CudaReport report;
  const auto module = CudaModule::open(report.why);
  if (!module) return report;
  report.module = true;
  report.path = module->path().string();
  const VernierCudaApi& api = module->api();
  const auto failed = [&](const char* message) {
    if (message != nullptr) report.why = message;
    return message != nullptr;
  };
  report.why.clear();
  failed(api.libraries(&report.cublaslt, &report.cudnn));
  int count = 0;
  if (failed(api.versions(&report.driver, &report.runtime)) || failed(api.device_count(&count)))
    return report;
  if (count == 0) report.why = "the driver reports no device";
  for (int i = 0; i < count; ++i) {
    VernierCudaDevice device{};
    if (failed(api.device(i, &device))) return report;
    report.devices.push_back(device);
    const char* message = api.self_test(i);
    report.self_tests.emplace_back(message == nullptr ? "ok" : message);
  }
  return report;
}

}  // namespace vernier::engine
