// A list of layers as written, each with its form, its name and its place in the file: what checking, building and addressing share.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.h"

namespace vernier::engine {

enum class LayerForm : std::uint8_t {
  conv,
  dense,
  max_pool,
  avg_pool,
  dropout,
  activation,
  batch_norm,
  global_avg_pool,
  flatten,
  repeat,
  residual,
  branches,
};

struct LayerFormInfo {
  LayerForm form;
  std::string name;
  std::vector<std::string> required, optional;
  std::string inner;  // which of them holds the layers inside; empty: none
};
std::span<const LayerFormInfo> layer_forms();
const LayerFormInfo& layer_form(LayerForm form);

struct ListedLayer {
  LayerForm form = LayerForm::conv;
  std::string name;
  std::string written;  // "relu" for an activation that stands as its own name, else the form's
  std::string path;     // "model.layers.0.conv"
  std::string element;  // of the entry itself in its list: "model.layers.0"
  std::string index;    // "0", inside others "8.0", in branches "8.1.0"
  Json
      settings;  // a section whatever the way of writing: {units: 128}; without name and inner layers
  std::vector<std::vector<ListedLayer>> inner;  // repeat, residual: one list; branches: any number
  std::string next;  // the activation behind it, before further weights; empty: none
};

/// At most 1,000 layers, 16 deep. Checks forms, keys and names; not the settings' values. Throws UsageError.
std::vector<ListedLayer> read_list(const Json& layers, const std::string& path);

/// Activations that are layers by their names.
const std::vector<std::string>& layer_activations();

}  // namespace vernier::engine
