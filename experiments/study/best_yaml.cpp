#include "experiments/study/best_yaml.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "core/text.h"

namespace vernier::experiments {
namespace {

void emit(YAML::Emitter& out, const Json& json) {
  if (json.is_object()) {
    out << YAML::BeginMap;
    for (const auto& [key, value] : json.items()) {
      out << YAML::Key << key << YAML::Value;
      emit(out, value);
    }
    out << YAML::EndMap;
  } else if (json.is_array()) {
    out << YAML::Flow << YAML::BeginSeq;
    for (const Json& value : json) emit(out, value);
    out << YAML::EndSeq;
  } else if (json.is_string()) {
    out << YAML::DoubleQuoted << json.get<std::string>();
  } else {
    out << json.dump();
  }
}

// model.layers.c1.filters -> json["model"]["layers"]...: the sections are nested objects. `schedule: cosine` keeps its name below
// schedule.warmup.
void put(Json& sections, const std::string& name, const Value& value) {
  Json* at = &sections;
  for (const std::string& part : split(name, '.')) {
    if (at->is_string()) *at = Json{{"type", *at}};
    if (!at->is_object()) *at = Json::object();
    at = &(*at)[part];
  }
  *at = to_json(value);
}

}  // namespace

std::string best_yaml(const Spec& spec, const Config& config, int number) {
  Json json = spec.json;
  for (const char* key : {"parameters", "constraints", "enqueue", "sampler", "strategy", "trials",
                          "limits", "require"})
    json.erase(key);
  json["study"] = fmt::format("{}-{}", spec.study, number);
  json["note"] = fmt::format("trial {} of {}", number, spec.study);
  json["trials"] = 1;
  if (spec.command) {
    // A command's parameters keep their names: each becomes a constant.
    for (const auto& [name, value] : config) json["parameters"][name] = {{"value", to_json(value)}};
  } else {
    for (const auto& [name, value] : config) put(json, name, value);
  }
  YAML::Emitter out;
  emit(out, json);
  return std::string(out.c_str()) + "\n";
}

}  // namespace vernier::experiments
