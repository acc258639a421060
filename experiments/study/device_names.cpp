#include "experiments/study/device_names.h"

#include <algorithm>

#include "core/text.h"

namespace vernier::experiments {

std::optional<DeviceNames> device_names(const std::string& text) {
  constexpr int most_index = 4096;
  DeviceNames names;
  if (text == "auto") {
    names.cpu = true;
    return names;
  }
  for (std::string name : split(text, ',')) {
    if (name == "cpu" && !names.cpu) {
      names.cpu = true;
      continue;
    }
    if (name == "gpu" && !names.gpu) {
      names.gpu = true;
      continue;
    }
    const bool spelled = name.starts_with("gpu:");
    if (spelled) name.erase(0, 4);
    const auto index = parse_int(name);
    const bool more = !names.indices.empty();  // of "gpu:0,1" the 1
    if (!index || *index < 0 || *index > most_index || !(more || (spelled && !names.gpu)))
      return std::nullopt;
    const int number = static_cast<int>(*index);
    if (std::find(names.indices.begin(), names.indices.end(), number) != names.indices.end())
      return std::nullopt;
    names.gpu = true;
    names.indices.push_back(number);
  }
  if (!names.cpu && !names.gpu) return std::nullopt;
  return names;
}

}  // namespace vernier::experiments
