#include "engine/models/layers_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "engine/math/activations.h"
#include "engine/settings_field.h"

namespace vernier::engine {
namespace {

constexpr int most_layers = 1000, most_levels = 16;

/// Names of activations that are layers by themselves.
const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list{"softmax"};
    for (const ActivationInfo& info : activation_table)
      if (info.trainable) list.emplace_back(info.name);
    return list;
  }();
  return names;
}

bool is_one_of(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> known_layers() {
  std::vector<std::string> names;
  for (const LayerFormInfo& info : layer_forms()) names.push_back(info.name);
  const auto& activations = activation_names();
  names.insert(names.end(), activations.begin(), activations.end());
  return names;
}

void check_name(const Field& field) {
  const std::string name = field.text();
  const bool plain =
      !name.empty() && name.size() <= 60 &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
          std::string::npos &&
      name.find_first_not_of("0123456789") != std::string::npos;
  if (!plain) field.refuse("1 to 60 letters, digits, _ and -, not digits alone");
}

class ListReader {
 public:
  std::vector<ListedLayer> read(const Json& layers, const std::string& path,
                                const std::string& index, int level) {
    if (!layers.is_array() || (layers.empty() && level == 0))
      Field(layers, path).refuse("a list of layers, as [flatten, {dense: classes}]");
    if (level > most_levels)
      fail<UsageError>("[{}] layers inside more than {} others; expected fewer", path, most_levels);
    std::vector<ListedLayer> list;
    for (std::size_t i = 0; i < layers.size(); ++i) {
      const std::string number = std::to_string(i);
      list.push_back(read_one(layers[i], path + "." + number,
                              index.empty() ? number : index + "." + number, level));
    }
    return list;
  }

  /// Those without a name are numbered by what they are, around the names given.
  void number(std::vector<ListedLayer>& list) {
    for (ListedLayer& layer : list) {
      while (layer.name.empty()) {
        const std::string name = layer.written + std::to_string(++numbers_[layer.written]);
        if (names_.insert(name).second) layer.name = name;
      }
      for (auto& inner : layer.inner) number(inner);
    }
  }

 private:
  ListedLayer read_one(const Json& json, const std::string& path, const std::string& index,
                       int level) {
    if (++count_ > most_layers)
      fail<UsageError>("[{}] more than {} layers; expected fewer, or a repeat", path, most_layers);
    const bool bare = json.is_string();
    if (!bare && !(json.is_object() && json.size() == 1))
      Field(json, path)
          .refuse("one layer: its name, as relu, or its name with its settings, as {dense: 128}");
    ListedLayer layer;
    layer.index = index;
    layer.element = path;
    layer.settings = Json::object();
    layer.written = bare ? json.get<std::string>() : json.begin().key();
    const bool by_activation = is_one_of(layer.written, activation_names());
    const LayerFormInfo* info = by_activation ? &layer_form(LayerForm::activation) : nullptr;
    for (const LayerFormInfo& candidate : layer_forms())
      if (candidate.name == layer.written) info = &candidate;
    if (!info)
      fail<UsageError>("[{}] unknown layer '{}'{}", path, printable(layer.written),
                       hint(layer.written, known_layers()));
    layer.form = info->form;
    layer.path = bare ? path : path + "." + layer.written;
    if (by_activation) layer.settings["type"] = layer.written;
    if (bare || json.begin()->is_null()) {
    } else if (json.begin()->is_object()) {
      read_section(*json.begin(), *info, by_activation, layer, level);
    } else {
      read_main(*json.begin(), *info, by_activation, layer, level);
    }
    for (const std::string& key : info->required) {
      if (key == info->inner ? layer.inner.empty() : !layer.settings.contains(key))
        fail<UsageError>("[{}] '{}' has no {}; expected {}", layer.path, layer.written, key,
                         join(info->required, " and "));
    }
    if (!layer.name.empty() && !names_.insert(layer.name).second)
      fail<UsageError>("[{}.name] '{}' names two layers; expected every name once", layer.path,
                       layer.name);
    return layer;
  }

  void read_section(const Json& section, const LayerFormInfo& info, bool by_activation,
                    ListedLayer& layer, int level) {
    std::vector<std::string> keys{"name"};
    if (!by_activation) {
      keys.insert(keys.end(), info.required.begin(), info.required.end());
      keys.insert(keys.end(), info.optional.begin(), info.optional.end());
    }
    for (const auto& [key, value] : section.items()) {
      const std::string path = layer.path + "." + printable(key);
      if (!is_one_of(key, keys)) fail<UsageError>("[{}] unknown key{}", path, hint(key, keys));
      if (key == "name") {
        check_name(Field(value, path));
        layer.name = value.get<std::string>();
      } else if (key == info.inner) {
        read_inner(value, path, layer, level);
      } else {
        layer.settings[key] = value;
      }
    }
  }

  /// {dense: 128}, {residual: [...]}.
  void read_main(const Json& value, const LayerFormInfo& info, bool by_activation,
                 ListedLayer& layer, int level) {
    if (by_activation || info.required.empty())
      Field(value, layer.path).refuse("no setting, or {name: NAME}");
    if (info.required.size() > 1)
      Field(value, layer.path).refuse("a section with " + join(info.required, " and "));
    if (info.inner.empty()) {
      layer.settings[info.required.front()] = value;
    } else {
      read_inner(value, layer.path, layer, level);
    }
  }

  void read_inner(const Json& json, const std::string& path, ListedLayer& layer, int level) {
    if (layer.form != LayerForm::branches) {
      layer.inner.push_back(read(json, path, layer.index, level + 1));
      if (json.empty()) Field(json, path).refuse("a list of at least one layer");
      return;
    }
    if (!json.is_array() || json.empty() || json.size() > 64)
      Field(json, path).refuse("a list of 1 to 64 lists of layers");
    for (std::size_t i = 0; i < json.size(); ++i) {
      const std::string number = std::to_string(i);
      layer.inner.push_back(
          read(json[i], path + "." + number, layer.index + "." + number, level + 1));
    }
  }

  int count_ = 0;
  std::set<std::string> names_;
  std::map<std::string, int> numbers_;
};

}  // namespace

std::span<const LayerFormInfo> layer_forms() {
  // In the order of the enumeration. A single required setting is what {dense: 128} gives.
  static const LayerFormInfo forms[] = {
      {LayerForm::conv,
       "conv",
       {"filters", "kernel"},
       {"stride", "padding", "groups", "bias", "init", "gain"},
       ""},
      {LayerForm::dense, "dense", {"units"}, {"bias", "init", "gain"}, ""},
      {LayerForm::max_pool, "max_pool", {"kernel"}, {"stride", "padding"}, ""},
      {LayerForm::avg_pool, "avg_pool", {"kernel"}, {"stride", "padding"}, ""},
      {LayerForm::dropout, "dropout", {"rate"}, {}, ""},
      {LayerForm::activation, "activation", {"type"}, {}, ""},
      {LayerForm::batch_norm, "batch_norm", {}, {}, ""},
      {LayerForm::global_avg_pool, "global_avg_pool", {}, {}, ""},
      {LayerForm::flatten, "flatten", {}, {}, ""},
      {LayerForm::repeat, "repeat", {"times", "layers"}, {}, "layers"},
      {LayerForm::residual, "residual", {"layers"}, {"shortcut"}, "layers"},
      {LayerForm::branches, "branches", {"branches"}, {}, "branches"},
  };
  return forms;
}

const LayerFormInfo& layer_form(LayerForm form) {
  return layer_forms()[static_cast<std::size_t>(form)];
}

const std::vector<std::string>& layer_activations() { return activation_names(); }

std::vector<ListedLayer> read_list(const Json& layers, const std::string& path) {
  ListReader reader;
  std::vector<ListedLayer> list = reader.read(layers, path, "", 0);
  reader.number(list);
  return list;
}

}  // namespace vernier::engine
