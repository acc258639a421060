#include "engine/models/stack.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

/// nullopt: softmax over the units.
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

}  // namespace

InitRule weight_rule(const ModelSettings& settings, double fan_in, double fan_out, bool active) {
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
  return init_rule(*init, active ? hidden : Activation::identity, fan_in, fan_out, settings.gain);
}

const Shape& square_image(const ModelSettings& settings, const Shape& input) {
  if (input.size() != 3 || input[0] != input[1]) {
    fail<UsageError>(
        "[model.type] '{}' gets examples of shape {}; expected square images (height, "
        "width, channels)",
        settings.type, to_text(input));
  }
  return input;
}

Window on_32(const Shape& input, int kernel, int stride, int pad) {
  const int missing = std::max(0, 32 - input[0]);
  return {kernel, kernel, stride, pad + missing / 2, pad + missing - missing / 2};
}

int Stack::scaled(int filters) const {
  return std::max(1, static_cast<int>(std::lround(filters * settings_.width_factor)));
}

Stack& Stack::push(const std::string& name, LayerKind kind) {
  Layer layer{prefix_ + name, std::move(kind)};
  shape_ = output_shape(layer, shape_);
  layers_.push_back(std::move(layer));
  return *this;
}

Stack& Stack::dense(const std::string& name, int units, bool active) {
  const int n = scaled(units);
  return push(name, DenseLayer{n, settings_.bias, weight_rule(settings_, shape_[0], n, active)});
}

Stack& Stack::output(int outputs) {
  return push("output", DenseLayer{outputs, settings_.bias,
                                   weight_rule(settings_, shape_[0], outputs, false)});
}

Stack& Stack::conv(const std::string& name, int filters, Window window, bool active, int groups) {
  Conv2dLayer layer;
  layer.filters = scaled(filters);
  layer.window = window;
  layer.groups = groups;
  layer.bias = settings_.bias && !settings_.batch_norm;
  const double area = static_cast<double>(window.height) * window.width / groups;
  layer.weights = weight_rule(settings_, area * channels(), area * layer.filters, active);
  return push(name, layer);
}

Stack& Stack::activation(const std::string& name) {
  const auto activation = hidden_activation(settings_);
  if (!activation) return push(name, SoftmaxLayer{});
  return push(name, ActivationLayer{*activation});
}

Stack& Stack::flatten() { return shape_.size() > 1 ? push("flatten", FlattenLayer{}) : *this; }

Stack& Stack::dropout(const std::string& name, double rate) {
  if (!(rate >= 0 && rate < 1)) {
    fail<UsageError>("[model.dropout] rate {}; expected 0 <= rate < 1", rate);
  }
  return push(name, DropoutLayer{rate, 0});
}

Stack& Stack::pad_shortcut(const std::string& name, int channels, int stride) {
  return push(name, PadShortcutLayer{stride, channels});
}

Stack& Stack::unit(int number, int filters, Window window) {
  conv(fmt::format("conv{}", number), filters, window);
  if (settings_.batch_norm) batch_norm(fmt::format("norm{}", number));
  return activation(fmt::format("{}{}", settings_.activation, number));
}

Stack Stack::inside(const std::string& name) const {
  Stack stack(settings_, shape_);
  stack.prefix_ = prefix_ + name + ".";
  return stack;
}

Stack& Stack::residual(const std::string& name, Stack body, Stack shortcut) {
  return push(name, ResidualLayer{std::move(body.layers_), std::move(shortcut.layers_)});
}

Stack& Stack::branches(const std::string& name, std::vector<Stack> branches) {
  BranchesLayer layer;
  for (Stack& branch : branches) layer.branches.push_back(std::move(branch.layers_));
  return push(name, std::move(layer));
}

Stack& Stack::append(Stack stack) {
  shape_ = std::move(stack.shape_);
  for (Layer& layer : stack.layers_) layers_.push_back(std::move(layer));
  return *this;
}

}  // namespace vernier::engine
