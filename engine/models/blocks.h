// What the models' files share: layers from settings.
#pragma once
#include <optional>
#include <string>

#include "engine/ir/architecture.h"

namespace vernier::engine {

/// The activation of hidden layers; nullopt: softmax over the units. Throws UsageError for an unknown name and for one without a
/// useful derivative.
std::optional<Activation> hidden_activation(const ModelSettings& settings);
/// A dense layer followed by activation `next` (identity: the last layer), its weights drawn as settings.init and gain say.
Layer dense_layer(const ModelSettings& settings, std::string name, int inputs, int units,
                  Activation next);
/// Starts a model: input dropout and, where the input has several dimensions, flatten.
Architecture start_flat(const ModelSettings& settings, const Shape& input);

}  // namespace vernier::engine
