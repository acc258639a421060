#include "engine/cpu/devices.h"

#include <fmt/format.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "engine/cpu/targets.h"
#include "hwy/highway.h"

namespace vernier::engine::cpu {
namespace {

/// The kernel's list of hardware threads that share this one's core; the number itself where it is not told.
std::string core_of(int cpu) {
  std::ifstream file(
      fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
  std::string siblings;
  if (!std::getline(file, siblings) || siblings.empty()) return fmt::format("{}", cpu);
  return siblings;
}

int count_cores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)));
  }
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed)) cores.insert(core_of(cpu));
  }
  return std::max(1, static_cast<int>(cores.size()));
}

std::size_t memory_bytes() {
  std::size_t bytes = static_cast<std::size_t>(sysconf(_SC_PHYS_PAGES)) *
                      static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  std::ifstream limit("/sys/fs/cgroup/memory.max");  // a container's; "max" where there is none
  std::size_t most = 0;
  if (limit >> most && most > 0) bytes = std::min(bytes, most);
  return bytes;
}

}  // namespace

std::string device_kind() {
  const auto targets = hwy::SupportedTargets();
  if ((targets & HWY_AVX3) != 0) return "cpu-avx512";
  if ((targets & HWY_AVX2) != 0) return "cpu-avx2";
  if ((targets & HWY_SSE4) != 0) return "cpu-sse4";
  return "cpu-sse2";
}

std::vector<DeviceInfo> devices() {
  const int cores = count_cores();
  const std::size_t memory = memory_bytes() / static_cast<std::size_t>(cores);
  std::vector<DeviceInfo> result;
  for (int i = 0; i < cores; ++i) {
    result.push_back({fmt::format("cpu{}", i), device_kind(), false, i, memory});
  }
  return result;
}

}  // namespace vernier::engine::cpu
