// A trained network used: what it says to examples that it has not seen.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/log.h"
#include "engine/engine.h"

namespace vernier::engine {

struct Predictions {
  int n = 0;
  std::vector<std::string> classes;  // empty: numbers are predicted
  int outputs = 0;
  std::vector<double>
      values;  // (n, outputs): probabilities of the classes, or the numbers in the data's own units
  std::vector<int> truth;       // (n) classes, where they are known
  std::vector<double> targets;  // (n, outputs) numbers, where they are known
};

/// `what`: "train", "valid" or "test", a part of the data set that `settings` name, or a file of examples as that set has them: a CSV file with the
/// columns of the study's table (its target may be missing), for other sets one number a feature under any header; or IDX images. They are
/// prepared with the statistics of the study's training part. `weights`: of Cohort::save_best. Throws UsageError.
Predictions predict(const TrialSettings& settings, const Checkpoint& weights,
                    const std::string& what, std::span<const std::filesystem::path> dirs,
                    const Log& log);

}  // namespace vernier::engine
