#include <fmt/ostream.h>

#include <ostream>

#include "cli/options.h"
#include "cli/output.h"
#include "cli/version.h"
#include "core/text.h"
#include "engine/cuda/load.h"
#include "engine/engine.h"

namespace vernier::cli {
namespace {

// 13000 -> 13.0
std::string cuda_version(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

Json cuda_json(const engine::CudaReport& cuda) {
  Json devices = Json::array();
  for (std::size_t i = 0; i < cuda.devices.size(); ++i) {
    const VernierCudaDevice& d = cuda.devices[i];
    devices.push_back({{"name", d.name},
                       {"compute_capability", fmt::format("{}.{}", d.major, d.minor)},
                       {"processors", d.processors},
                       {"bytes", d.total_bytes},
                       {"free_bytes", d.free_bytes},
                       {"self_test", cuda.self_tests[i]}});
  }
  return {{"module", cuda.module}, {"path", cuda.path},       {"why", cuda.why},
          {"driver", cuda.driver}, {"runtime", cuda.runtime}, {"cublaslt", cuda.cublaslt},
          {"cudnn", cuda.cudnn},   {"devices", devices}};
}

void print_cuda(std::ostream& out, const engine::CudaReport& cuda) {
  fmt::print(out, "CUDA module   {}\n", cuda.module ? cuda.path : "none: " + cuda.why);
  if (!cuda.module) return;
  fmt::print(out, "  driver      {}\n",
             cuda.driver > 0 ? "CUDA " + cuda_version(cuda.driver) : "none");
  fmt::print(out, "  cuBLASLt    {}\n",
             cuda.cublaslt > 0 ? std::to_string(cuda.cublaslt)
                               : "not found (VERNIER_CUDA_LIBS names its folder)");
  fmt::print(out, "  cuDNN       {}\n",
             cuda.cudnn > 0
                 ? std::to_string(cuda.cudnn)
                 : "not found (VERNIER_CUDA_LIBS names its folder): convolutions are products "
                   "of unfolded windows");
  if (cuda.devices.empty())
    fmt::print(out, "  GPU         none: {}\n",
               cuda.why.empty() ? "the driver reports no device" : cuda.why);
  for (std::size_t i = 0; i < cuda.devices.size(); ++i) {
    const VernierCudaDevice& d = cuda.devices[i];
    fmt::print(out, "  GPU {}       {}, compute capability {}.{}, {} free of {}, self test {}\n", i,
               printable(d.name), d.major, d.minor, format_bytes(static_cast<double>(d.free_bytes)),
               format_bytes(static_cast<double>(d.total_bytes)), cuda.self_tests[i]);
  }
}

}  // namespace

int doctor(const Invocation& invocation) {
  Options options("doctor [options]",
                  "What this machine has for vernier: devices, CUDA, data folders.");
  if (!options.json().parse(invocation)) return 0;
  const engine::Engine engine({.data_dirs = data_dirs(), .log = stderr_log()});
  const std::vector<engine::DeviceInfo> devices = engine.devices();
  const engine::CudaReport cuda = engine::inspect_cuda();
  if (options.has("json")) {
    Json list = Json::array(), dirs = Json::array();
    for (const auto& d : devices)
      list.push_back({{"name", d.name}, {"kind", d.kind}, {"gpu", d.gpu}, {"bytes", d.memory}});
    for (const auto& dir : data_dirs())
      dirs.push_back({{"path", dir.string()}, {"exists", std::filesystem::is_directory(dir)}});
    fmt::print(invocation.out, "{}\n",
               Json{{"version", version_text()},
                    {"devices", list},
                    {"cuda", cuda_json(cuda)},
                    {"data", dirs}}
                   .dump());
    return 0;
  }
  std::ostream& out = invocation.out;
  fmt::print(out, "vernier       {}\n", version_text());
  for (const auto& d : devices) {
    fmt::print(out, "device        {:<6} {}  {}\n", d.name, d.kind,
               format_bytes(static_cast<double>(d.memory)));
  }
  print_cuda(out, cuda);
  fmt::print(out, "training      on the CPU{}\n",
             cuda.devices.empty() ? "" : "; also on GPUs that --devices gpu:0 names");
  for (const auto& dir : data_dirs()) {
    fmt::print(out, "data          {}{}\n", dir.string(),
               std::filesystem::is_directory(dir) ? "" : "  (no such folder)");
  }
  return 0;
}

}  // namespace vernier::cli
