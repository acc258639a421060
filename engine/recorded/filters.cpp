// What the first layer looks for: the kernels of a convolution, or what a dense layer weighs each pixel with.
#include <algorithm>
#include <cmath>

#include "engine/recorded/pictures.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

constexpr std::size_t most_filters = 64;

/// The first layer with weights, where nothing but a change of shape lies before it.
const Layer* first_layer(const std::vector<Layer>& layers) {
  for (const Layer& layer : layers) {
    if (std::holds_alternative<DenseLayer>(layer.kind) ||
        std::holds_alternative<Conv2dLayer>(layer.kind))
      return &layer;
    if (!std::holds_alternative<FlattenLayer>(layer.kind) &&
        !std::holds_alternative<DropoutLayer>(layer.kind))
      return nullptr;
  }
  return nullptr;
}

/// (height, width, channels) of one filter; empty where it is no picture.
Shape shape_of_filter(const Architecture& net) {
  const Layer* layer = first_layer(net.layers);
  if (layer == nullptr || !is_picture(net.input)) return {};
  if (std::holds_alternative<DenseLayer>(layer->kind)) return net.input;
  const auto& conv = std::get<Conv2dLayer>(layer->kind);
  return {conv.window.height, conv.window.width, net.input[2] / conv.groups};
}

std::string misfit(const Subject& subject) {
  if (!is_picture(subject.net.input))
    return "the inputs are " + to_text(subject.net.input) +
           "; expected images (height, width, 1 or 3 channels)";
  if (first_layer(subject.net.layers) == nullptr)
    return "the first layer has no weights; expected conv or dense";
  return "";
}

std::vector<Recorded> keep(const Scene& scene) {
  const Architecture& net = scene.recipe->architecture;
  const std::string tensor = first_layer(net.layers)->name + ".weight";
  const auto& tensors = scene.plan->graph.tensors;
  const auto at = std::find_if(tensors.begin(), tensors.end(),
                               [&](const Tensor& t) { return t.name == tensor; });
  const auto weights = scene.values(static_cast<std::size_t>(at - tensors.begin()));
  // Both kinds: (inputs, filters).
  const Shape shape = shape_of_filter(net);
  const std::size_t size = elements(shape), filters = weights.size() / size;
  const std::size_t count = std::min(filters, most_filters);
  float scale = 0;
  for (std::size_t i = 0; i < size; ++i)
    for (std::size_t k = 0; k < count; ++k)
      scale = std::max(scale, std::fabs(weights[i * filters + k]));
  std::vector<std::uint8_t> pixels;
  for (std::size_t k = 0; k < count; ++k) {
    for (std::size_t i = 0; i < size; ++i) {
      const float share = scale > 0 ? weights[i * filters + k] / scale : 0;
      pixels.push_back(static_cast<std::uint8_t>(128 + std::lround(127 * share)));
    }
  }
  Json json{
      {"count", count}, {"scale", static_cast<double>(scale)}, {"pixels", bytes_text(pixels)}};
  put_size(json, shape);
  return {picture("filters", "filters", json)};
}

}  // namespace

Recording filters_recording() {
  Recording recording;
  recording.misfit = misfit;
  recording.keep = keep;
  return recording;
}

}  // namespace vernier::engine
