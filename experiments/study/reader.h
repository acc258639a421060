// One value of the study file: type and range checks whose errors name file, line, column and key.
#pragma once
#include <initializer_list>
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/study/places.h"

namespace vernier::experiments {

class Reader {
 public:
  Reader(const Json& json, std::string path, const Places& places)
      : json_(json), path_(std::move(path)), places_(places) {}

  const Json& json() const { return json_; }
  const std::string& path() const { return path_; }
  const Places& places() const { return places_; }
  Reader at(const std::string& key) const;
  Reader at(std::size_t index) const;
  /// Neither absent nor null.
  bool has(const std::string& key) const;

  /// Refuses every key that is not in `allowed`, with the nearest.
  void only(const std::vector<std::string>& allowed) const;
  void section() const;  // refuses all but a mapping
  void list() const;     // refuses all but a sequence

  std::string text() const;  // not empty
  bool boolean() const;
  double number() const;
  double number(double least) const;
  std::int64_t integer(std::int64_t least, std::int64_t most) const;
  std::uint64_t unsigned_integer() const;
  std::string one_of(const std::vector<std::string>& names) const;
  double duration() const;    // 90, "10m", "2h": seconds
  std::size_t bytes() const;  // 1000000, "8GB"

  /// "FILE:LINE:COLUMN: [key] found X; expected WHAT".
  [[noreturn]] void refuse(const std::string& expected) const;
  /// "FILE:LINE:COLUMN: [key] TEXT".
  [[noreturn]] void error(const std::string& text) const;

 private:
  const Json& json_;
  std::string path_;
  const Places& places_;
};

}  // namespace vernier::experiments
