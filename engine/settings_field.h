// One value of a settings section: type and range checks whose errors start with its dotted name, "[train.lr] ...".
#pragma once
#include <cstdint>
#include <limits>
#include <span>
#include <string>

#include "core/json.h"

namespace vernier::engine {

class Field {
 public:
  Field(const Json& json, std::string name) : json_(json), name_(std::move(name)) {}

  const Json& json() const { return json_; }
  const std::string& name() const { return name_; }

  /// A whole number in [least, most]; 64.0 is one, 64.5 is not.
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  int count(int least, int most) const { return static_cast<int>(integer(least, most)); }
  /// A finite number in [least, most].
  double number(double least, double most) const;
  /// A finite number above `least`, and below `most`.
  double number_between(double least, double most = std::numeric_limits<double>::infinity()) const;
  /// A finite number in [least, most).
  double number_below(double least, double most) const;
  bool boolean() const;
  std::string text() const;
  std::string one_of(std::span<const std::string> names) const;

  /// "[train.lr] found "high"; expected WHAT".
  [[noreturn]] void refuse(const std::string& expected) const;

 private:
  double finite(const std::string& expected) const;

  const Json& json_;
  std::string name_;
};

}  // namespace vernier::engine
