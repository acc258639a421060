// One value of a parameter, a metric or an expression. monostate: missing (an inactive parameter, SQL's NULL).
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/json.h"

namespace vernier {

using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

Json to_json(const Value& value);
/// Null, booleans, numbers and strings; throws UsageError for arrays and objects.
Value value_from_json(const Json& json);
/// The number behind bool, int or double; NaN for anything else.
double as_number(const Value& value);
bool is_number(const Value& value);
/// As a person reads it: 0.001, 64, relu, true; shortest text that reads back equal.
std::string to_text(const Value& value);

/// The settings of one trial, in the order of the space; inactive parameters are absent.
class Config {
 public:
  using Item = std::pair<std::string, Value>;
  Config() = default;
  explicit Config(std::vector<Item> items) : items_(std::move(items)) {}

  /// Replaces the value where the name is there already.
  void set(std::string name, Value value);
  /// nullptr where the name is absent (inactive).
  const Value* find(std::string_view name) const;
  auto begin() const { return items_.begin(); }
  auto end() const { return items_.end(); }
  std::size_t size() const { return items_.size(); }
  bool operator==(const Config&) const = default;
  /// Equal exactly where two configurations are the same trial, whatever the order (names sorted, doubles exact; 64 and 64.0 are equal).
  std::string key() const;

 private:
  std::vector<Item> items_;
};

Json to_json(const Config& config);
Config config_from_json(const Json& json);

}  // namespace vernier
