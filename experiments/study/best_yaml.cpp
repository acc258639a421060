#include "experiments/study/best_yaml.h"

#include <fmt/format.h>

#include "core/error.h"
#include "core/text.h"
#include "engine/effects.h"
#include "experiments/study/dotted.h"
#include "experiments/study/write_yaml.h"

namespace vernier::experiments {
namespace {

/// What the search could have used, and this configuration does not: a momentum beside adam. A study file may not say it.
void drop_without_effect(Json& json) {
  const Json sections = base_sections(json);
  const auto chosen = engine::chosen(engine::settings_from_json(sections));
  for (const std::string& key : engine::keys_given(sections)) {
    try {
      engine::check_effects({key}, chosen);
    } catch (const UsageError&) {
      Json* at = &json;
      const std::vector<std::string> path = split(key, '.');
      for (std::size_t i = 0; i + 1 < path.size(); ++i) at = &(*at)[path[i]];
      at->erase(path.back());
    }
  }
}

}  // namespace

std::string best_yaml(const Spec& spec, const Config& config, int number) {
  Json json = spec.json;
  for (const char* key : {"parameters", "constraints", "enqueue", "sampler", "strategy", "trials",
                          "limits", "require", "repeats", "spaces", "claim", "warm_start"})
    json.erase(key);
  json["study"] = fmt::format("{}-{}", spec.study, number);
  json["note"] = fmt::format("trial {} of {}", number, spec.study);
  json["trials"] = 1;
  if (spec.command) {
    // A command's parameters keep their names: each becomes a constant.
    for (const auto& [name, value] : config) json["parameters"][name] = {{"value", to_json(value)}};
  } else {
    for (const auto& [name, value] : config) put_dotted(json, name, to_json(value));
    drop_without_effect(json);
  }
  return write_yaml(json);
}

}  // namespace vernier::experiments
