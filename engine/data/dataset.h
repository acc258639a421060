// A data set in memory: as stored (uint8 or float), split, prepared. Shared read-only by every trial that uses it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"
#include "engine/data/prepare.h"
#include "engine/settings.h"

namespace vernier::engine {

/// Examples of one part. Exactly one of `labels` (classes) and `targets` (numbers) is filled.
struct Part {
  std::vector<float> x;              // (n, features), prepared
  std::vector<std::int32_t> labels;  // (n)
  std::vector<float> targets;        // (n, outputs)
  int n = 0;
};

struct Dataset {
  std::string name;
  std::vector<int> shape;  // of one example: {784}, {28, 28, 1} (height, width, channels)
  int features = 0;        // product of shape
  int classes = 0;         // 0: regression
  int outputs = 0;         // classes, or numbers predicted
  std::vector<std::string> class_names;
  double target_mean = 0,
         target_deviation = 1;  // regression tables: targets are (number - mean) / deviation
  Preparation preparation;      // of the inputs
  bool from_bytes = false;      // they were 0 .. 255 before
  Part train, valid, test;
  std::size_t bytes() const;
  /// A name for each class: its number where the source has none.
  std::vector<std::string> names_of_classes() const;
};

/// Loads, splits (stratified, stream split), adds label noise (training part only) and prepares with statistics of the training part
/// (per feature, images per channel; constant features become 0: deviation floor 1e-7). Files are sought in settings.dir, then in NAME under each of `dirs` (csv: "tables").
/// With folds, fold `settings.fold` of the training examples is the validation part; a source's own validation part is then not used.
/// Throws UsageError naming the file and line (binary: byte offset), what was found and what was expected.
Dataset load_dataset(const DataSettings& settings, std::span<const std::filesystem::path> dirs,
                     const Log& log);

}  // namespace vernier::engine
