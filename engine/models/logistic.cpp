// Logistic regression: one dense layer. Under cross-entropy multinomial, under mse linear regression.
#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {

Architecture build_logistic(const ModelSettings& settings, const Shape& input, int outputs) {
  Stack net(settings, input);
  net.flatten().dropout("input_dropout", settings.input_dropout).output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
