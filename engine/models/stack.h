// What the models' files are written with: a list of layers that knows the shape it has come to.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "engine/ir/architecture.h"

namespace vernier::engine {

class Stack {
 public:
  /// Units and filters (but those of `output`) are rounded after settings.width_factor; initial weights and activation as settings say.
  /// `settings` outlives it.
  Stack(const ModelSettings& settings, Shape input)
      : settings_(settings), shape_(std::move(input)) {}

  const Shape& shape() const { return shape_; }
  int channels() const { return shape_.back(); }

  /// `active`: the model's activation follows, perhaps behind batch norm (decides the gain of the initial weights).
  Stack& dense(const std::string& name, int units, bool active = true);
  /// Under batch norm without a bias.
  Stack& conv(const std::string& name, int filters, Window window, bool active = true,
              int groups = 1);
  /// The last layer.
  Stack& output(int outputs);
  Stack& batch_norm(const std::string& name) { return push(name, BatchNormLayer{}); }
  /// settings.activation.
  Stack& activation(const std::string& name);
  Stack& max_pool(const std::string& name, Window window) {
    return push(name, PoolLayer{Pooling::max, window});
  }
  Stack& global_average_pool() { return push("average", GlobalAveragePoolLayer{}); }
  Stack& flatten();
  Stack& dropout(const std::string& name, double rate);
  Stack& pad_shortcut(const std::string& name, int channels, int stride);
  /// conv, [batch norm where settings ask for it,] activation: conv1, norm1, relu1.
  Stack& unit(int number, int filters, Window window);

  /// An empty stack that starts where this one has come to, with its layers' names behind "name.".
  Stack inside(const std::string& name) const;
  Stack& residual(const std::string& name, Stack body, Stack shortcut);
  Stack& branches(const std::string& name, std::vector<Stack> branches);

  /// The layers of a stack that came from inside(), one after the other.
  Stack& append(Stack stack);

  Stack& push(const std::string& name, LayerKind kind);
  int scaled(int filters) const;
  Architecture finish(const Shape& input) { return {settings_.type, input, std::move(layers_)}; }

 private:
  const ModelSettings& settings_;
  Shape shape_;
  std::string prefix_;
  std::vector<Layer> layers_;
};

/// How weights are drawn that see `fan_in` inputs and serve `fan_out` outputs; `active` as in Stack. Throws UsageError for unknown names.
InitRule weight_rule(const ModelSettings& settings, double fan_in, double fan_out, bool active);
/// Throws UsageError unless `input` is (height, width, channels) and square: what the image models take.
const Shape& square_image(const ModelSettings& settings, const Shape& input);
/// A window with padding `pad` on every side, of an image that zeros first make 32 x 32 where it is smaller.
Window on_32(const Shape& input, int kernel, int stride, int pad);

}  // namespace vernier::engine
