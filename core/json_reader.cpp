#include "core/json_reader.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"

namespace vernier {
namespace {

std::string range(double low, double high) {
  if (std::isinf(low) && std::isinf(high)) return "";
  if (std::isinf(high)) return fmt::format(" >= {}", low);
  if (std::isinf(low)) return fmt::format(" <= {}", high);
  return fmt::format(" in [{}, {}]", low, high);
}

const Json& empty_object() {
  static const Json empty = Json::object();
  return empty;
}

}  // namespace

std::string shown(const Json& json) {
  std::string text = json.is_string()
                         ? fmt::format("'{}'", printable(json.get<std::string>()))
                         : printable(json.dump(-1, ' ', false, Json::error_handler_t::replace));
  constexpr std::size_t limit = 60;
  if (text.size() > limit) text = printable(text.substr(0, limit)) + "...";
  return text;
}

JsonReader::JsonReader(const Json& object, std::string where)
    : object_(&object), where_(std::move(where)) {
  if (!object.is_object()) {
    fail<UsageError>("[{}] found {}; expected keys and values", printable(where_), shown(object));
  }
}

const Json* JsonReader::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  const auto at = object_->find(key);
  return at == object_->end() ? nullptr : &*at;
}

double JsonReader::number(std::string_view key, double otherwise, double low, double high) {
  return optional_number(key, low, high).value_or(otherwise);
}

double JsonReader::positive(std::string_view key, double otherwise, double high) {
  const Json* json = find(key);
  if (json == nullptr) return otherwise;
  const double value = number_of(key, *json, -infinity, infinity);
  if (!(value > 0 && value <= high)) {
    const std::string most = std::isinf(high) ? "" : fmt::format(" and <= {}", high);
    refuse(key, fmt::format("found {}; expected a number > 0{}", shown(*json), most));
  }
  return value;
}

std::optional<double> JsonReader::optional_number(std::string_view key, double low, double high) {
  const Json* json = find(key);
  if (json == nullptr) return std::nullopt;
  return number_of(key, *json, low, high);
}

std::int64_t JsonReader::integer(std::string_view key, std::int64_t otherwise, std::int64_t low,
                                 std::int64_t high) {
  return optional_integer(key, low, high).value_or(otherwise);
}

std::optional<std::int64_t> JsonReader::optional_integer(std::string_view key, std::int64_t low,
                                                         std::int64_t high) {
  const Json* json = find(key);
  if (json == nullptr) return std::nullopt;
  return integer_of(key, *json, low, high);
}

std::vector<std::int64_t> JsonReader::integers(std::string_view key, std::int64_t low,
                                               std::int64_t high) {
  const Json* json = find(key);
  if (json == nullptr) return {};
  if (!json->is_array()) refuse_type(key, *json, "a list of whole numbers");
  std::vector<std::int64_t> values;
  for (const Json& item : *json) values.push_back(integer_of(key, item, low, high));
  return values;
}

std::string JsonReader::text(std::string_view key, std::string otherwise) {
  const Json* json = find(key);
  if (json == nullptr) return otherwise;
  if (!json->is_string()) refuse_type(key, *json, "a text");
  return json->get<std::string>();
}

std::vector<std::string> JsonReader::texts(std::string_view key) {
  const Json* json = find(key);
  if (json == nullptr) return {};
  if (!json->is_array()) refuse_type(key, *json, "a list of texts");
  std::vector<std::string> values;
  for (const Json& item : *json) {
    if (!item.is_string()) refuse_type(key, item, "a text");
    values.push_back(item.get<std::string>());
  }
  return values;
}

bool JsonReader::boolean(std::string_view key, bool otherwise) {
  const Json* json = find(key);
  if (json == nullptr) return otherwise;
  if (!json->is_boolean()) refuse_type(key, *json, "true or false");
  return json->get<bool>();
}

std::string JsonReader::choice(std::string_view key, std::string otherwise,
                               std::span<const std::string> names) {
  const Json* json = find(key);
  if (json == nullptr) return otherwise;
  if (!json->is_string()) refuse_type(key, *json, fmt::format("one of {}", join(names, ", ")));
  std::string value = json->get<std::string>();
  if (std::find(names.begin(), names.end(), value) == names.end()) {
    refuse(key, fmt::format("unknown name {}{}", shown(*json), hint(value, names)));
  }
  return value;
}

std::string JsonReader::choice(std::string_view key, std::string otherwise,
                               std::initializer_list<std::string_view> names) {
  const std::vector<std::string> list(names.begin(), names.end());
  return choice(key, std::move(otherwise), list);
}

JsonReader JsonReader::section(std::string_view key) {
  const Json* json = find(key);
  return JsonReader(json == nullptr ? empty_object() : *json, path(key));
}

void JsonReader::done() const {
  for (const auto& [key, value] : object_->items()) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
      fail<UsageError>("[{}] unknown key '{}'{}", printable(where_), printable(key),
                       hint(key, known_));
    }
  }
}

std::string JsonReader::path(std::string_view key) const {
  return where_.empty() ? std::string(key) : fmt::format("{}.{}", where_, key);
}

void JsonReader::refuse(std::string_view key, std::string_view text) const {
  fail<UsageError>("[{}] {}", printable(path(key)), text);
}

void JsonReader::refuse_type(std::string_view key, const Json& found,
                             std::string_view expected) const {
  refuse(key, fmt::format("found {}; expected {}", shown(found), expected));
}

double JsonReader::number_of(std::string_view key, const Json& json, double low,
                             double high) const {
  const double value = json.is_number() ? json.get<double>() : std::nan("");
  if (!std::isfinite(value) || value < low || value > high) {
    refuse_type(key, json, fmt::format("a number{}", range(low, high)));
  }
  return value;
}

std::int64_t JsonReader::integer_of(std::string_view key, const Json& json, std::int64_t low,
                                    std::int64_t high) const {
  const auto refuse_number = [&] {
    refuse_type(key, json, fmt::format("a whole number in [{}, {}]", low, high));
  };
  std::int64_t value = 0;
  if (json.is_number_unsigned()) {
    const auto wide = json.get<std::uint64_t>();
    if (wide > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      refuse_number();
    value = static_cast<std::int64_t>(wide);
  } else if (json.is_number_integer()) {
    value = json.get<std::int64_t>();
  } else if (json.is_number_float()) {
    const double real = json.get<double>();
    if (!(std::abs(real) <= 0x1p53) || real != std::trunc(real)) refuse_number();
    value = static_cast<std::int64_t>(real);
  } else {
    refuse_number();
  }
  if (value < low || value > high) refuse_number();
  return value;
}

}  // namespace vernier
