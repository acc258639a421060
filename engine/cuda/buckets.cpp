#include "engine/cuda/buckets.h"

#include <algorithm>

#include "core/error.h"

namespace vernier::engine::cuda {

int bucket(int units) {
  int below = 64;  // a power of two
  while (2 * below < units) below *= 2;
  const int step = units <= 64 ? 16 : below / 4;
  return (units + step - 1) / step * step;
}

bool can_widen(const Architecture& architecture) {
  return std::all_of(architecture.layers.begin(), architecture.layers.end(), [](const Layer& l) {
    return std::holds_alternative<DenseLayer>(l.kind) ||
           std::holds_alternative<ActivationLayer>(l.kind) ||
           std::holds_alternative<DropoutLayer>(l.kind) ||
           std::holds_alternative<BatchNormLayer>(l.kind) ||
           std::holds_alternative<FlattenLayer>(l.kind);
  });
}

Architecture widened(Architecture architecture) {
  if (!can_widen(architecture)) return architecture;
  DenseLayer* last = nullptr;  // the outputs are as many as there are
  for (Layer& layer : architecture.layers) {
    auto* dense = std::get_if<DenseLayer>(&layer.kind);
    if (dense == nullptr) continue;
    if (last != nullptr) last->units = bucket(last->units);
    last = dense;
  }
  return architecture;
}

std::vector<Run> runs_of(const Plan& own, const Plan& wide, Role role) {
  std::vector<Run> runs;
  std::size_t at = 0;
  const auto next = [&] {
    while (at < wide.graph.tensors.size() && wide.graph.tensors[at].role != role) ++at;
    return at++;
  };
  for (std::size_t i = 0; i < own.graph.tensors.size(); ++i) {
    const Tensor& tensor = own.graph.tensors[i];
    if (tensor.role != role) continue;
    const std::size_t j = next();
    if (j >= wide.graph.tensors.size() || wide.graph.tensors[j].name != tensor.name)
      fail<UsageError>("[cohort] no tensor '{}' in the cohort's network; expected one network",
                       tensor.name);
    const Shape& from = tensor.shape;
    const Shape& to = wide.graph.tensors[j].shape;
    const std::size_t first = own.training[i] / sizeof(float);
    const std::size_t place = wide.training[j] / sizeof(float);
    if (from == to) {
      runs.push_back({first, place, elements(from)});
      continue;
    }
    const auto columns = static_cast<std::size_t>(from.back());
    const std::size_t rows = elements(from) / columns;
    for (std::size_t r = 0; r < rows; ++r)
      runs.push_back(
          {first + r * columns, place + r * static_cast<std::size_t>(to.back()), columns});
  }
  return runs;
}

}  // namespace vernier::engine::cuda
