#include "engine/cohort/transfer.h"

#include <fnmatch.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

std::vector<std::string> layers_with_weights(const Architecture& net) {
  std::vector<std::string> names;
  each_layer(net.layers, [&](const Layer& layer) {
    if (std::holds_alternative<DenseLayer>(layer.kind) ||
        std::holds_alternative<Conv2dLayer>(layer.kind) ||
        std::holds_alternative<BatchNormLayer>(layer.kind))
      names.push_back(layer.name);
  });
  return names;
}

bool means(const std::string& pattern, const std::string& layer) {
  const auto match = [&](const std::string& name) {
    return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
  };
  if (match(layer)) return true;
  for (auto dot = layer.find('.'); dot != std::string::npos; dot = layer.find('.', dot + 1))
    if (match(layer.substr(0, dot)) || match(layer.substr(dot + 1))) return true;
  return false;
}

}  // namespace

std::vector<std::string> frozen_layers(const Architecture& net,
                                       const std::vector<std::string>& patterns) {
  const std::vector<std::string> layers = layers_with_weights(net);
  std::vector<std::string> frozen;
  for (const std::string& pattern : patterns) {
    bool found = false;
    for (const std::string& layer : layers) {
      if (!means(pattern, layer)) continue;
      found = true;
      if (std::find(frozen.begin(), frozen.end(), layer) == frozen.end()) frozen.push_back(layer);
    }
    if (!found)
      fail<UsageError>("[train.freeze] '{}' means no layer with weights{}", printable(pattern),
                       hint(pattern, layers));
  }
  if (!frozen.empty() && frozen.size() == layers.size())
    fail<UsageError>("[train.freeze] every layer with weights; expected one that learns");
  return frozen;
}

std::vector<std::string> learning_layers(const Architecture& net,
                                         const std::vector<std::string>& frozen) {
  std::vector<std::string> layers = layers_with_weights(net);
  std::erase_if(layers, [&](const std::string& layer) {
    return std::find(frozen.begin(), frozen.end(), layer) != frozen.end();
  });
  return layers;
}

std::string head_layer(const Architecture& net) {
  std::string head;
  each_layer(net.layers, [&](const Layer& layer) {
    if (std::holds_alternative<DenseLayer>(layer.kind) ||
        std::holds_alternative<Conv2dLayer>(layer.kind))
      head = layer.name;
  });
  return head;
}

std::string layer_of(const std::string& tensor) { return tensor.substr(0, tensor.rfind('.')); }

}  // namespace vernier::engine
