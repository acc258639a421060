// The options of a sampler or strategy, read and checked one by one.
#pragma once
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/json.h"
#include "core/json_reader.h"

namespace vernier::search {

/// Reads {"type": "asha", "eta": 3, ...}. Each getter names an option that exists, with its default; finish() refuses all others
/// with the nearest name. Throws UsageError "[sampler grid.points] ..." for wrong types and values out of range. "type" is always
/// allowed; null counts as no options.
class Options {
 public:
  /// `where`: "sampler grid".
  Options(const std::string& where, const Json& options)
      : options_(options.is_null() ? Json::object() : options), reader_(options_, where) {
    reader_.find("type");
  }
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  int integer(const std::string& name, int otherwise, int low, int high) {
    return static_cast<int>(reader_.integer(name, otherwise, low, high));
  }
  double number(const std::string& name, double otherwise, double low, double high) {
    return reader_.number(name, otherwise, low, high);
  }
  std::string choice(const std::string& name, std::string otherwise,
                     std::initializer_list<std::string_view> names) {
    return reader_.choice(name, std::move(otherwise), names);
  }
  std::vector<std::string> texts(const std::string& name) { return reader_.texts(name); }
  bool has(const std::string& name) { return reader_.has(name); }
  void finish() const { reader_.done(); }

 private:
  Json options_;
  JsonReader reader_;
};

}  // namespace vernier::search
