// Examples for a trained network: a file with inputs as a data set has them, without what is to be predicted.
#pragma once
#include <filesystem>
#include <span>
#include <vector>

#include "engine/settings.h"

namespace vernier::engine {

/// (n, features), unprepared. `shape`: of one example of the set. For set: csv a table with the study's columns in any order, the target
/// left out or not; its texts must be those of the study's table. For other sets a CSV file (.csv) of one number a feature, or IDX images. Throws
/// UsageError naming the file and line (IDX: byte).
std::vector<float> load_unseen(const DataSettings& settings, const std::filesystem::path& file,
                               std::span<const int> shape,
                               std::span<const std::filesystem::path> folders);

}  // namespace vernier::engine
