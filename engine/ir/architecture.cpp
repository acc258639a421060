#include "engine/ir/architecture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/error.h"

namespace vernier::engine {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};

int flat_size(const Layer& layer, const Shape& shape) {
  if (shape.size() != 1) {
    fail<UsageError>("[model] layer '{}' gets an input of shape {}; expected (units)", layer.name,
                     to_text(shape));
  }
  return shape[0];
}

}  // namespace

std::size_t elements(const Shape& shape) {
  std::size_t n = 1;
  for (int d : shape) n *= static_cast<std::size_t>(d);
  return n;
}

std::string to_text(const Shape& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

Shape output_shape(const Layer& layer, const Shape& shape) {
  return std::visit(
      Overload{[&](const DenseLayer& d) -> Shape {
                 flat_size(layer, shape);
                 if (d.units < 1) {
                   fail<UsageError>("[model] layer '{}' has {} units; expected at least 1",
                                    layer.name, d.units);
                 }
                 return {d.units};
               },
               [&](const FlattenLayer&) -> Shape { return {static_cast<int>(elements(shape))}; },
               [&](const BatchNormLayer&) -> Shape {
                 flat_size(layer, shape);
                 return shape;
               },
               [&](const SoftmaxLayer&) -> Shape {
                 flat_size(layer, shape);
                 return shape;
               },
               [&](const auto&) -> Shape { return shape; }},
      layer.kind);
}

std::size_t weight_count(const Layer& layer, const Shape& input) {
  const auto* dense = std::get_if<DenseLayer>(&layer.kind);
  return dense ? elements(input) * static_cast<std::size_t>(dense->units) : 0;
}

std::size_t parameter_count(const Layer& layer, const Shape& input) {
  if (const auto* dense = std::get_if<DenseLayer>(&layer.kind)) {
    return weight_count(layer, input) + (dense->bias ? static_cast<std::size_t>(dense->units) : 0);
  }
  return std::holds_alternative<BatchNormLayer>(layer.kind) ? 2 * elements(input) : 0;
}

double forward_flops(const Layer& layer, const Shape& input) {
  return 2.0 * static_cast<double>(weight_count(layer, input));
}

ModelSummary summarize(const Architecture& architecture) {
  ModelSummary summary;
  Shape shape = architecture.input;
  for (const Layer& layer : architecture.layers) {
    const Shape output = output_shape(layer, shape);
    const auto* dropout = std::get_if<DropoutLayer>(&layer.kind);
    const LayerInfo info{layer.name, to_text(output), parameter_count(layer, shape),
                         forward_flops(layer, shape)};
    summary.parameters += info.parameters;
    summary.weights += weight_count(layer, shape);
    summary.flops += info.flops;
    if (!dropout || dropout->rate > 0) summary.layers.push_back(info);
    shape = output;
  }
  summary.bytes = summary.parameters * sizeof(float);
  return summary;
}

}  // namespace vernier::engine
