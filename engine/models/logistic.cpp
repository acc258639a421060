// Logistic regression: one dense layer. Under cross-entropy multinomial, under mse linear regression.
#include "engine/models/blocks.h"
#include "engine/models/registry.h"

namespace vernier::engine {

Architecture build_logistic(const ModelSettings& settings, const Shape& input, int outputs) {
  Architecture net = start_flat(settings, input);
  net.layers.push_back(dense_layer(settings, "output", static_cast<int>(elements(input)), outputs,
                                   Activation::identity));
  return net;
}

}  // namespace vernier::engine
