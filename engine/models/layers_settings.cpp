// Settings of a list of layers by dotted names: c1.filters, 0.filters.
#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/models/layers.h"
#include "engine/models/layers_list.h"

namespace vernier::engine {
namespace {

std::vector<std::string> keys_of(const ListedLayer& layer) {
  const LayerFormInfo& info = layer_form(layer.form);
  std::vector<std::string> keys;
  for (const auto* names : {&info.required, &info.optional})
    for (const std::string& key : *names)
      if (key != info.inner) keys.push_back(key);
  return keys;
}

void add_names(const std::vector<ListedLayer>& list, std::vector<std::string>& names) {
  for (const ListedLayer& layer : list) {
    for (const std::string& address : {layer.name, layer.index})
      for (const std::string& key : keys_of(layer)) names.push_back(address + "." + key);
    for (const auto& inner : layer.inner) add_names(inner, names);
  }
}

const ListedLayer* find(const std::vector<ListedLayer>& list, const std::string& address) {
  for (const ListedLayer& layer : list) {
    if (layer.name == address || layer.index == address) return &layer;
    for (const auto& inner : layer.inner)
      if (const ListedLayer* found = find(inner, address)) return found;
  }
  return nullptr;
}

/// "c1.filters" -> its layer and "filters". Throws UsageError.
std::pair<const ListedLayer*, std::string> resolve(const std::vector<ListedLayer>& list,
                                                   const std::string& setting) {
  const auto dot = setting.rfind('.');
  const ListedLayer* layer =
      dot == std::string::npos ? nullptr : find(list, setting.substr(0, dot));
  const std::string key = layer ? setting.substr(dot + 1) : std::string();
  if (layer) {
    const auto keys = keys_of(*layer);
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) return {layer, key};
  }
  std::vector<std::string> names;
  add_names(list, names);
  fail<UsageError>("[model.layers.{}] unknown setting of a layer{}", printable(setting),
                   hint(setting, names));
}

/// The value at "0.residual.1" below `json`.
Json& walk(Json& json, const std::string& path) {
  Json* at = &json;
  for (const std::string& part : split(path, '.'))
    at = at->is_array() ? &(*at)[static_cast<std::size_t>(*parse_int(part))] : &(*at)[part];
  return *at;
}

}  // namespace

std::vector<std::string> layer_setting_names(const Json& layers) {
  std::vector<std::string> names;
  add_names(read_list(layers, "model.layers"), names);
  return names;
}

std::string set_layer_setting(Json& layers, const std::string& setting, const Json& value) {
  const std::vector<ListedLayer> list = read_list(layers, "model.layers");
  const auto [layer, key] = resolve(list, setting);
  const std::string place = layer->element.substr(std::string("model.layers.").size());
  Json& element = walk(layers, place);
  const LayerFormInfo& info = layer_form(layer->form);
  Json given = element.is_object() ? *element.begin() : Json();
  if (!given.is_object()) {  // {dense: 128} is {dense: {units: 128}}
    Json section = Json::object();
    if (!given.is_null()) section[info.required.front()] = given;
    given = section;
  }
  if (layer->written != info.name) {  // relu, whose number may name it elsewhere
    given["name"] = layer->name;
    given["type"] = layer->written;
  }
  given[key] = value;
  element = Json{{info.name, given}};
  return place + "." + info.name + "." + key;
}

Json layer_setting(const Json& layers, const std::string& setting) {
  const std::vector<ListedLayer> list = read_list(layers, "model.layers");
  const auto [layer, key] = resolve(list, setting);
  return layer->settings.contains(key) ? layer->settings[key] : Json();
}

}  // namespace vernier::engine
