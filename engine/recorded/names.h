// Metrics that are one of several: "val_acc.cat", "grad_norm.conv1".
#pragma once
#include <algorithm>
#include <string>
#include <vector>

namespace vernier::engine {

/// `metric`.PART for each part, written so that filters take it as it is: other characters than letters, digits, dots and underscores become
/// underscores, and what would then be there twice gets a number.
inline std::vector<std::string> metric_names(const std::string& metric,
                                             const std::vector<std::string>& parts) {
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    std::string name = metric + ".";
    for (const char c : part) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80 ||
                         (c == '.' && name.back() != '.');
      name += plain ? c : '_';
    }
    if (name == metric + ".") name += '_';
    if (name.back() == '.') name.back() = '_';
    const std::string first = name;
    for (int k = 2; std::find(names.begin(), names.end(), name) != names.end(); ++k)
      name = first + "_" + std::to_string(k);
    names.push_back(name);
  }
  return names;
}

}  // namespace vernier::engine
