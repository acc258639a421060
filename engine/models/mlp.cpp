// Multilayer perceptron: hidden layers of dense, [batch norm,] activation, dropout; then a dense layer of the outputs.
#include <fmt/format.h>

#include "core/error.h"
#include "engine/models/registry.h"
#include "engine/models/stack.h"

namespace vernier::engine {

Architecture build_mlp(const ModelSettings& settings, const Shape& input, int outputs) {
  std::vector<int> widths = settings.widths;
  if (widths.empty()) {
    if (settings.depth < 0 || settings.depth > 1000) {
      fail<UsageError>("[model.depth] {} hidden layers; expected 0 to 1000", settings.depth);
    }
    widths.assign(static_cast<std::size_t>(settings.depth), settings.width);
  }
  Stack net(settings, input);
  net.flatten().dropout("input_dropout", settings.input_dropout);
  for (std::size_t i = 0; i < widths.size(); ++i) {
    if (widths[i] < 1 || widths[i] > 1'000'000) {
      fail<UsageError>("[model.width] hidden layer {} has {} units; expected 1 to 1000000", i + 1,
                       widths[i]);
    }
    net.dense(fmt::format("dense{}", i + 1), widths[i]);
    if (settings.batch_norm) net.batch_norm(fmt::format("batch_norm{}", i + 1));
    net.activation(fmt::format("{}{}", settings.activation, i + 1));
    net.dropout(fmt::format("dropout{}", i + 1), settings.dropout.value_or(0));
  }
  net.output(outputs);
  return net.finish(input);
}

}  // namespace vernier::engine
