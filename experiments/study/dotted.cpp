#include "experiments/study/dotted.h"

#include "core/text.h"
#include "engine/models/layers.h"

namespace vernier::experiments {
namespace {

const std::string in_layers = "model.layers.";

bool is_list(const Json& sections) {
  const auto model = sections.find("model");
  return model != sections.end() && model->is_object() && model->contains("layers") &&
         (*model)["layers"].is_array();
}

}  // namespace

Json base_sections(const Json& study) {
  Json sections = Json::object();
  for (const char* key : engine_sections)
    if (study.contains(key)) sections[key] = study[key];
  return sections;
}

std::string put_dotted(Json& sections, const std::string& name, const Json& value) {
  if (name.starts_with(in_layers) && is_list(sections))
    return in_layers + engine::set_layer_setting(sections["model"]["layers"],
                                                 name.substr(in_layers.size()), value);
  Json* at = &sections;
  const std::vector<std::string> path = split(name, '.');
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (at->is_string() && i > 0) *at = Json{{"type", *at}};
    if (!at->is_object()) *at = Json::object();
    at = &(*at)[path[i]];
  }
  *at = value;
  return name;
}

Json get_dotted(const Json& sections, const std::string& name) {
  if (name.starts_with(in_layers) && is_list(sections))
    return engine::layer_setting(sections["model"]["layers"], name.substr(in_layers.size()));
  const Json* at = &sections;
  for (const std::string& key : split(name, '.')) {
    const auto found = at->is_object() ? at->find(key) : at->end();
    if (!at->is_object() || found == at->end()) return nullptr;
    at = &*found;
  }
  return *at;
}

}  // namespace vernier::experiments
