#include "engine/models/blocks.h"

#include <utility>
#include <vector>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {

std::optional<Activation> hidden_activation(const ModelSettings& settings) {
  if (settings.activation == "softmax") return std::nullopt;
  if (const auto found = activation_from_name(settings.activation)) {
    if (!activation_table[static_cast<std::size_t>(*found)].trainable) {
      fail<UsageError>(
          "[model.activation] '{}' has no useful derivative and is for inference only; expected "
          "another activation for training",
          settings.activation);
    }
    return found;
  }
  std::vector<std::string> names{"softmax"};
  for (const ActivationInfo& info : activation_table) names.emplace_back(info.name);
  fail<UsageError>("[model.activation] unknown activation '{}'{}", printable(settings.activation),
                   hint(settings.activation, names));
}

Layer dense_layer(const ModelSettings& settings, std::string name, int inputs, int units,
                  Activation next) {
  // The rule without a name follows the hidden activation in the last layer too, its gain does not.
  const Activation hidden = hidden_activation(settings).value_or(Activation::identity);
  auto init = std::optional(default_initialiser(hidden));
  if (!settings.init.empty()) init = initialiser_from_name(settings.init);
  if (!init) {
    std::vector<std::string> names;
    for (const InitialiserInfo& info : initialiser_table) names.emplace_back(info.name);
    fail<UsageError>("[model.init] unknown initialiser '{}'{}", printable(settings.init),
                     hint(settings.init, names));
  }
  return {std::move(name),
          DenseLayer{units, settings.bias, init_rule(*init, next, inputs, units, settings.gain)}};
}

Architecture start_flat(const ModelSettings& settings, const Shape& input) {
  if (!(settings.dropout >= 0 && settings.dropout < 1) ||
      !(settings.input_dropout >= 0 && settings.input_dropout < 1)) {
    fail<UsageError>("[model.dropout] rates {} and {} (inputs); expected 0 <= rate < 1",
                     settings.dropout, settings.input_dropout);
  }
  Architecture net{settings.type, input, {}};
  if (input.size() > 1) net.layers.push_back({"flatten", FlattenLayer{}});
  net.layers.push_back({"input_dropout", DropoutLayer{settings.input_dropout, 0}});
  return net;
}

}  // namespace vernier::engine
