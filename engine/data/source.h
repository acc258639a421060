// What a source of data hands over before the split: everything it has, unprepared. One file per source under sources/, one line in
// sources/sources.def.
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/settings.h"

namespace vernier::engine {

/// Examples in their stored order. Exactly one of bytes and numbers is filled, and one of labels and targets.
struct Examples {
  int n = 0;
  std::vector<std::uint8_t> bytes;   // (n, features), images
  std::vector<float> numbers;        // (n, features)
  std::vector<std::int32_t> labels;  // (n), 0 .. classes-1
  std::vector<float> targets;        // (n, outputs)
};

struct RawData {
  std::vector<int> shape;  // of one example
  int classes = 0;         // 0: regression
  int outputs = 0;
  std::vector<std::string> class_names;
  Examples pool;                   // training examples, and validation ones where `valid` is empty
  std::optional<Examples> valid;   // drawn apart (generators)
  std::optional<Examples> test;    // where empty, 1/6 of the pool by default
  std::optional<int> valid_count;  // default where the pool is split; else 1/6 of it
  int features() const;
};

using Folders = std::span<const std::filesystem::path>;

struct Source {
  DatasetInfo info;
  enum class Kind { files, table, built_in, generator } kind;
  RawData (*load)(const DataSettings& settings, Folders folders);
};

/// Every source, in the order of sources.def.
std::span<const Source> sources();
/// Throws UsageError naming the nearest.
const Source& find_source(const std::string& name);

/// The first existing one of `names` in settings.dir, then in `folder` under each of `folders`. Throws UsageError listing where it was
/// sought.
std::filesystem::path find_file(const DataSettings& settings, const std::string& folder,
                                Folders folders, std::span<const std::string> names);

}  // namespace vernier::engine
