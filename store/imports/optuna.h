// An Optuna database (SQLite, schema v3.0.0.d or v3.2.0.a) as plain records.
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.h"

namespace vernier::store {

struct OptunaDistribution {
  enum class Kind { real, integer, categorical } kind = Kind::real;
  double low = 0, high = 0;
  std::optional<double> step;
  bool log = false;
  Json choices;  // categorical: a list of null, booleans, numbers, texts
};

struct OptunaTrial {
  int number = 0;                                    // from 0
  std::string state;                                 // COMPLETE, PRUNED, FAIL, RUNNING, WAITING
  std::vector<std::pair<std::string, Json>> params;  // in the order in which they were suggested
  std::vector<double> values;                        // one an objective; infinities possible
  std::vector<std::pair<int, double>> intermediate;  // by step, NaN possible
  std::optional<double> started, ended;              // wall
  Json user = Json::object();                        // user attributes
};

struct OptunaStudy {
  std::string name;
  std::vector<bool> maximize;        // one an objective
  std::vector<std::string> metrics;  // set_metric_names(); else empty
  /// In the order in which trials name them. Of one parameter in several trials: the widest range.
  std::vector<std::pair<std::string, OptunaDistribution>> params;
  std::vector<OptunaTrial> trials;  // by number
};

/// Throws StoreError "[FILE] ..." for what is no such database, is damaged, or holds values of other types than Optuna writes.
std::vector<OptunaStudy> read_optuna(const std::filesystem::path& file);

}  // namespace vernier::store
