#include "experiments/study/reader.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace vernier::experiments {
namespace {

const Json null_json;

}  // namespace

Reader Reader::at(const std::string& key) const {
  const std::string path = path_.empty() ? key : path_ + "." + key;
  const auto found = json_.find(key);
  return {found == json_.end() ? null_json : *found, path, places_};
}

Reader Reader::at(std::size_t index) const {
  return {json_.at(index), path_ + "." + std::to_string(index), places_};
}

bool Reader::has(const std::string& key) const {
  const auto found = json_.find(key);
  return found != json_.end() && !found->is_null();
}

void Reader::only(const std::vector<std::string>& allowed) const {
  section();
  for (const auto& [key, value] : json_.items()) {
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    const std::string path = path_.empty() ? key : path_ + "." + key;
    fail<UsageError>("{}[{}] unknown key{}", places_.key(path), printable(path),
                     hint(key, allowed));
  }
}

void Reader::section() const {
  if (!json_.is_object()) refuse("a section of keys and values");
}

void Reader::list() const {
  if (!json_.is_array()) refuse("a list");
}

std::string Reader::text() const {
  if (!json_.is_string() || json_.get_ref<const std::string&>().empty()) refuse("text");
  return json_.get<std::string>();
}

bool Reader::boolean() const {
  if (!json_.is_boolean()) refuse("true or false");
  return json_.get<bool>();
}

double Reader::number() const {
  if (!json_.is_number() || !std::isfinite(json_.get<double>())) refuse("a number");
  return json_.get<double>();
}

double Reader::number(double least) const {
  const std::string expected = fmt::format("a number >= {}", format_number(least));
  if (!json_.is_number()) refuse(expected);
  const double value = json_.get<double>();
  if (!(value >= least) || !std::isfinite(value)) refuse(expected);
  return value;
}

std::int64_t Reader::integer(std::int64_t least, std::int64_t most) const {
  const std::string expected = fmt::format("a whole number from {} to {}", least, most);
  if (!json_.is_number_integer()) refuse(expected);
  if (json_.is_number_unsigned() &&
      json_.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
    refuse(expected);
  const auto value = json_.get<std::int64_t>();
  if (value < least || value > most) refuse(expected);
  return value;
}

std::uint64_t Reader::unsigned_integer() const {
  const bool negative =
      json_.is_number_integer() && !json_.is_number_unsigned() && json_.get<std::int64_t>() < 0;
  if (!json_.is_number_integer() || negative) refuse("a whole number >= 0");
  return json_.get<std::uint64_t>();
}

std::string Reader::one_of(const std::vector<std::string>& names) const {
  if (!json_.is_string()) refuse("one of " + join(names, ", "));
  const auto& found = json_.get_ref<const std::string&>();
  if (std::find(names.begin(), names.end(), found) == names.end())
    error(fmt::format("unknown name '{}'{}", printable(found), hint(found, names)));
  return found;
}

double Reader::duration() const {
  double seconds = 0;
  if (json_.is_number()) {
    seconds = number(0);
  } else {
    if (!json_.is_string()) refuse("a duration as 90, 10m or 2h");
    try {
      seconds = parse_duration(json_.get<std::string>());
    } catch (const UsageError&) {
      refuse("a duration as 90, 10m or 2h");
    }
  }
  if (!(seconds > 0)) refuse("a duration above 0, as 90, 10m or 2h");
  return seconds;
}

std::size_t Reader::bytes() const {
  if (json_.is_number_integer()) return static_cast<std::size_t>(integer(1, INT64_MAX));
  if (!json_.is_string()) refuse("bytes as 512MB or 8GB");
  try {
    return parse_bytes(json_.get<std::string>());
  } catch (const UsageError&) {
    refuse("bytes as 512MB or 8GB");
  }
}

void Reader::refuse(const std::string& expected) const {
  std::string found = json_.is_null()
                          ? "nothing"
                          : printable(json_.dump(-1, ' ', false, Json::error_handler_t::replace));
  if (found.size() > 60) found = found.substr(0, 57) + "...";
  error(fmt::format("found {}; expected {}", found, expected));
}

void Reader::error(const std::string& text) const {
  fail<UsageError>("{}[{}] {}", places_.value(path_), printable(path_.empty() ? "study" : path_),
                   text);
}

}  // namespace vernier::experiments
