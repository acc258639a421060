// What `resources.devices` and --devices name.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace vernier::experiments {

inline constexpr const char* device_names_expected = "auto, cpu, gpu, gpu:0,1 or gpu:0,cpu";

struct DeviceNames {
  bool cpu = false;          // its cores
  bool gpu = false;          // GPUs: those of `indices`, or every one where none is named
  std::vector<int> indices;  // each once
};

/// Names behind one another with commas: "gpu" is every GPU, "gpu:0,1" as "gpu:0,gpu:1" the two, "cpu" beside them the cores too. "auto" is
/// the CPU: training on GPUs has to be asked for in this version. nullopt where it is none of these.
std::optional<DeviceNames> device_names(const std::string& text);

}  // namespace vernier::experiments
