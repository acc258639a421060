// Multilayer perceptron: hidden layers of dense, [batch norm,] activation, dropout; then a dense layer of the outputs.
#include <fmt/format.h>

#include "core/error.h"
#include "engine/models/blocks.h"
#include "engine/models/registry.h"

namespace vernier::engine {

Architecture build_mlp(const ModelSettings& settings, const Shape& input, int outputs) {
  std::vector<int> widths = settings.widths;
  if (widths.empty()) {
    if (settings.depth < 0 || settings.depth > 1000) {
      fail<UsageError>("[model.depth] {} hidden layers; expected 0 to 1000", settings.depth);
    }
    widths.assign(static_cast<std::size_t>(settings.depth), settings.width);
  }
  const auto activation = hidden_activation(settings);
  Architecture net = start_flat(settings, input);
  int units = static_cast<int>(elements(input));
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] < 1 || widths[i] > 1'000'000) {
      fail<UsageError>("[model.width] hidden layer {} has {} units; expected 1 to 1000000", i + 1,
                       widths[i]);
    }
    const int number = static_cast<int>(i) + 1;
    net.layers.push_back(dense_layer(settings, fmt::format("dense{}", number), units, widths[i],
                                     activation.value_or(Activation::identity)));
    units = widths[i];
    if (settings.batch_norm) {
      net.layers.push_back({fmt::format("batch_norm{}", number), BatchNormLayer{}});
    }
    const std::string name = fmt::format("{}{}", settings.activation, number);
    if (activation) {
      net.layers.push_back({name, ActivationLayer{*activation}});
    } else {
      net.layers.push_back({name, SoftmaxLayer{}});
    }
    net.layers.push_back(
        {fmt::format("dropout{}", number), DropoutLayer{settings.dropout, number}});
  }
  net.layers.push_back(dense_layer(settings, "output", units, outputs, Activation::identity));
  return net;
}

}  // namespace vernier::engine
