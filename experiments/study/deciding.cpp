// What decides the results of a study, and how two of them differ.
#include "core/hash.h"
#include "experiments/study/dotted.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {
namespace {

void compare(const Json& before, const Json& after, const std::string& path,
             std::vector<std::string>& into) {
  if (before == after && !before.is_object()) return;
  if (before.is_object() && after.is_object()) {
    const auto below = [&](const std::string& key) {
      return path.empty() ? key : path + "." + key;
    };
    for (const auto& [key, value] : before.items())
      compare(value, after.contains(key) ? after[key] : Json(), below(key), into);
    for (const auto& [key, value] : after.items())
      if (!before.contains(key)) compare(Json(), value, below(key), into);
    return;
  }
  const auto text = [](const Json& json) {
    if (json.is_null()) return std::string("nothing");
    std::string shown = json.dump(-1, ' ', false, Json::error_handler_t::replace);
    return shown.size() > 60 ? shown.substr(0, 57) + "..." : shown;
  };
  into.push_back(path + " " + text(before) + " -> " + text(after));
}

}  // namespace

Json Spec::deciding() const {
  Json part = base_sections(json);
  for (const char* key : {"metric", "objective", "parameters", "constraints", "require", "sampler",
                          "strategy", "seed", "warm_start"})
    if (json.contains(key)) part[key] = json[key];
  // Where files lie does not change what is in them.
  for (const char* key : {"data", "objective"})
    if (part.contains(key)) part[key].erase("dir");
  return part;
}

std::string Spec::hash() const {
  Json part = deciding();
  // The order of parameters decides (Sobol dimensions); that of settings within a section does not.
  Json ordered = Json::array();
  if (part.contains("parameters"))
    for (const auto& [name, definition] : part["parameters"].items())
      ordered.push_back({name, definition});
  part["parameters"] = ordered;
  return content_hash(nlohmann::json::parse(part.dump()).dump());
}

std::vector<std::string> differences(const Json& before, const Json& after) {
  std::vector<std::string> list;
  compare(before, after, "", list);
  if (list.empty() && before.dump() != after.dump() && before.contains("parameters") &&
      after.contains("parameters") && before["parameters"].dump() != after["parameters"].dump())
    list.push_back("parameters in another order");
  return list;
}

}  // namespace vernier::experiments
