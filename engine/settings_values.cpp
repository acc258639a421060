#include "engine/settings_values.h"

#include <algorithm>
#include <limits>

#include "core/text.h"
#include "engine/settings.h"

namespace vernier::engine {
namespace {

constexpr int most_classes = 1'000'000;

}  // namespace

std::vector<int> read_widths(const Field& field) {
  if (!field.json().is_array() || field.json().empty() || field.json().size() > 64) {
    field.refuse("a list of 1 to 64 whole numbers");
  }
  std::vector<int> widths;
  for (const Json& entry : field.json())
    widths.push_back(Field(entry, field.name()).count(1, 65536));
  return widths;
}

std::vector<std::string> read_classes(const Field& field) {
  if (!field.json().is_array() || field.json().size() < 2 || field.json().size() > 1000)
    field.refuse("a list of 2 to 1000 classes, by name or number, as [cat, dog] or [0, 1]");
  std::vector<std::string> classes;
  for (const Json& entry : field.json()) {
    const Field one(entry, field.name());
    classes.push_back(entry.is_number() ? std::to_string(one.count(0, most_classes)) : one.text());
  }
  return classes;
}

std::string read_trial_name(const Field& field) {
  const std::string name = field.text();
  if (name == "none") return "";
  const auto hash = name.rfind('#');
  const auto number =
      hash == std::string::npos ? std::nullopt : parse_int(std::string_view(name).substr(hash + 1));
  if (hash == 0 || !number || *number < 1 || *number > 1'000'000'000)
    field.refuse("a trial, as STUDY#17, or none");
  return name;
}

std::vector<std::string> read_layer_names(const Field& field) {
  if (field.json().is_string() && !field.json().get_ref<const std::string&>().empty())
    return field.text() == "none" ? std::vector<std::string>{} : std::vector{field.text()};
  if (!field.json().is_array() || field.json().empty() || field.json().size() > 1000)
    field.refuse("a list of layers, as [c1, \"blocks*\"], or none");
  std::vector<std::string> names;
  for (const Json& entry : field.json()) names.push_back(Field(entry, field.name()).text());
  return names;
}

std::vector<std::string> read_recordings(const Field& field) {
  std::vector<std::string> known;
  for (const RecordingInfo& info : recordings()) known.push_back(info.name);
  if (!field.json().is_array()) return {field.one_of(known)};
  std::vector<std::string> kinds;
  for (const Json& entry : field.json()) {
    kinds.push_back(Field(entry, field.name()).one_of(known));
    if (std::count(kinds.begin(), kinds.end(), kinds.back()) > 1) field.refuse("each kind once");
  }
  return kinds;
}

std::string read_seed(const Field& field) {
  const Json& json = field.json();
  if (json == "common" || json == "per_trial") return field.text();
  if (!json.is_number()) field.refuse("common, per_trial or a whole number");
  return std::to_string(field.integer(0, std::numeric_limits<std::int64_t>::max()));
}

}  // namespace vernier::engine
