// Rows into groups with aggregates over each. SQLite would sort all rows for it.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/value.h"

namespace vernier::store {

/// SQLite's order of values: missing, numbers, texts by their bytes; 1 and 1.0 are equal. Negative, 0 or positive.
int compare_values(const Value& a, const Value& b);

/// A row is its `keys` key values, then one argument for each of `functions`: mean, median, sum (of numbers), min, max, count. Missing
/// arguments are left out; count without argument is fed anything else. What has no value (the mean of nothing) is missing.
class Groups {
 public:
  Groups(std::size_t keys, std::vector<std::string> functions);
  void add(std::span<const Value> row);
  /// Keys and aggregates of every group, by key.
  std::vector<std::vector<Value>> rows() const;

 private:
  struct Part {
    std::int64_t count = 0, whole = 0;
    double real = 0;
    bool integers = true;  // `whole` is the sum
    Value extreme;
    std::vector<double> sample;
  };
  struct Hash {
    std::size_t operator()(const std::vector<Value>& key) const;
  };
  struct Equal {
    bool operator()(const std::vector<Value>& a, const std::vector<Value>& b) const;
  };
  static void add(Part& part, char function, const Value& value);
  static Value result(const Part& part, char function);

  std::size_t keys_;
  std::string functions_;  // a letter each
  std::vector<Value> key_;
  std::unordered_map<std::vector<Value>, std::vector<Part>, Hash, Equal> groups_;
};

}  // namespace vernier::store
