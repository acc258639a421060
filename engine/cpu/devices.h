// The CPU's core slots and instruction set.
#pragma once
#include <string>
#include <vector>

#include "engine/engine.h"

namespace vernier::engine::cpu {

/// "cpu-avx512", "cpu-avx2", "cpu-sse4" or "cpu-sse2": what our loops run with; oneDNN picks by the same flags.
std::string device_kind();
/// One device per physical core that this process may run on (sched_getaffinity; of hyperthreads the first). Memory: an equal share of
/// the machine's.
std::vector<DeviceInfo> devices();

}  // namespace vernier::engine::cpu
