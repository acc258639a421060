#include "engine/ir/architecture.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "core/error.h"

namespace vernier::engine {
namespace {

template <class... F>
struct Overload : F... {
  using F::operator()...;
};
template <class... F>
Overload(F...) -> Overload<F...>;  // clang 14 does not deduce aggregates

int flat_size(const Layer& layer, const Shape& shape) {
  if (shape.size() != 1) {
    fail<ShapeError>(
        "[model] layer '{}' gets an input of shape {}; expected (units): put a flatten "
        "or global pooling layer before it",
        layer.name, to_text(shape));
  }
  return shape[0];
}

const Shape& image(const Layer& layer, const Shape& shape) {
  if (shape.size() != 3) {
    fail<ShapeError>(
        "[model] layer '{}' gets an input of shape {}; expected (height, width, channels)",
        layer.name, to_text(shape));
  }
  return shape;
}

void positive(const Layer& layer, const char* what, int value) {
  if (value < 1 || value > 1'000'000) {
    fail<ShapeError>("[model] layer '{}' has {} {}; expected 1 to 1000000", layer.name, what,
                     value);
  }
}

Shape windowed(const Layer& layer, const Window& w, const Shape& shape, int channels) {
  image(layer, shape);
  positive(layer, "window", w.height);
  positive(layer, "window", w.width);
  positive(layer, "stride", w.stride);
  // A pool's every window must see the image.
  const bool pool = std::holds_alternative<PoolLayer>(layer.kind);
  const int most = pool ? std::min(w.height, w.width) - 1 : 1'000'000;
  if (w.before < 0 || w.after < 0 || w.before > most || w.after > most) {
    fail<ShapeError>("[model] layer '{}' has padding {} and {}; expected 0 to {}", layer.name,
                     w.before, w.after, most);
  }
  const int height = shape[0] + w.before + w.after - w.height;
  const int width = shape[1] + w.before + w.after - w.width;
  if (height < 0 || width < 0) {
    fail<ShapeError>(
        "[model] layer '{}' gets an input of shape {}; expected height and width of at "
        "least {} x {}, its window without the padding",
        layer.name, to_text(shape), w.height - w.before - w.after, w.width - w.before - w.after);
  }
  return {height / w.stride + 1, width / w.stride + 1, channels};
}

Shape convolved(const Layer& layer, const Conv2dLayer& conv, const Shape& shape) {
  positive(layer, "filters", conv.filters);
  positive(layer, "groups", conv.groups);
  const int channels = image(layer, shape)[2];
  if (channels % conv.groups != 0 || conv.filters % conv.groups != 0) {
    fail<ShapeError>(
        "[model] layer '{}' has {} groups of {} inputs and {} filters; expected a divisor "
        "of both",
        layer.name, conv.groups, channels, conv.filters);
  }
  return windowed(layer, conv.window, shape, conv.filters);
}

Shape summed(const Layer& layer, const ResidualLayer& residual, const Shape& shape) {
  const Shape body = output_shape(residual.body, shape);
  const Shape shortcut = output_shape(residual.shortcut, shape);
  if (body != shortcut) {
    fail<ShapeError>(
        "[model] layer '{}' adds a body of shape {} and a shortcut of shape {}; expected "
        "equal ones",
        layer.name, to_text(body), to_text(shortcut));
  }
  return body;
}

Shape concatenated(const Layer& layer, const BranchesLayer& branches, const Shape& shape) {
  Shape whole;
  for (const std::vector<Layer>& branch : branches.branches) {
    const Shape part = image(layer, output_shape(branch, shape));
    if (whole.empty()) {
      whole = {part[0], part[1], 0};
    } else if (whole[0] != part[0] || whole[1] != part[1]) {
      fail<ShapeError>(
          "[model] layer '{}' joins images of {} x {} and {} x {}; expected equal ones", layer.name,
          whole[0], whole[1], part[0], part[1]);
    }
    whole[2] += part[2];
  }
  if (whole.empty())
    fail<ShapeError>("[model] layer '{}' has no branches; expected one", layer.name);
  return whole;
}

}  // namespace

std::size_t elements(const Shape& shape) {
  std::size_t n = 1;
  for (int d : shape) n *= static_cast<std::size_t>(d);
  return n;
}

std::string to_text(const Shape& shape) { return fmt::format("({})", fmt::join(shape, ", ")); }

Window same_window(int kernel, int stride) {
  return {kernel, kernel, stride, (kernel - 1) / 2, kernel / 2};
}

namespace {

void check_size(const Layer& layer, const char* does, const Shape& shape) {
  double size = 1;
  for (int d : shape) size *= d;
  if (size > 2e9) {
    fail<ShapeError>("[model] layer '{}' {} a shape of {}; expected at most 2000000000 numbers",
                     layer.name, does, to_text(shape));
  }
}

Shape shape_behind(const Layer& layer, const Shape& shape) {
  return std::visit(
      Overload{
          [&](const DenseLayer& d) -> Shape {
            flat_size(layer, shape);
            positive(layer, "units", d.units);
            return {d.units};
          },
          [&](const FlattenLayer&) -> Shape { return {static_cast<int>(elements(shape))}; },
          [&](const BatchNormLayer&) -> Shape {
            return shape.size() == 1 ? shape : image(layer, shape);
          },
          [&](const SoftmaxLayer&) -> Shape {
            flat_size(layer, shape);
            return shape;
          },
          [&](const Conv2dLayer& conv) -> Shape { return convolved(layer, conv, shape); },
          [&](const PoolLayer& pool) -> Shape {
            if (pool.pooling == Pooling::max && pool.window.height * pool.window.width > 256) {
              fail<ShapeError>(
                  "[model] layer '{}' takes maxima of {} x {}; expected at most 16 x 16",
                  layer.name, pool.window.height, pool.window.width);
            }
            return windowed(layer, pool.window, shape, image(layer, shape)[2]);
          },
          [&](const GlobalAveragePoolLayer&) -> Shape { return {image(layer, shape)[2]}; },
          [&](const PadShortcutLayer& pad) -> Shape {
            if (pad.channels < image(layer, shape)[2]) {
              fail<ShapeError>(
                  "[model] layer '{}' has {} channels; expected at least its input's {}",
                  layer.name, pad.channels, shape[2]);
            }
            return windowed(layer, {1, 1, pad.stride, 0, 0}, shape, pad.channels);
          },
          [&](const ResidualLayer& residual) -> Shape { return summed(layer, residual, shape); },
          [&](const BranchesLayer& branches) -> Shape {
            return concatenated(layer, branches, shape);
          },
          [&](const auto&) -> Shape { return shape; }},
      layer.kind);
}

}  // namespace

Shape output_shape(const Layer& layer, const Shape& shape) {
  check_size(layer, "gets", shape);
  Shape output = shape_behind(layer, shape);
  check_size(layer, "makes", output);
  return output;
}

Shape output_shape(const std::vector<Layer>& layers, Shape shape) {
  for (const Layer& layer : layers) shape = output_shape(layer, shape);
  return shape;
}

std::size_t weight_count(const Layer& layer, const Shape& input) {
  if (const auto* dense = std::get_if<DenseLayer>(&layer.kind)) {
    return elements(input) * static_cast<std::size_t>(dense->units);
  }
  if (const auto* conv = std::get_if<Conv2dLayer>(&layer.kind)) {
    return elements(
        {conv->window.height, conv->window.width, input[2] / conv->groups, conv->filters});
  }
  return 0;
}

std::size_t parameter_count(const Layer& layer, const Shape& input) {
  const std::size_t weights = weight_count(layer, input);
  if (const auto* dense = std::get_if<DenseLayer>(&layer.kind)) {
    return weights + (dense->bias ? static_cast<std::size_t>(dense->units) : 0);
  }
  if (const auto* conv = std::get_if<Conv2dLayer>(&layer.kind)) {
    return weights + (conv->bias ? static_cast<std::size_t>(conv->filters) : 0);
  }
  return std::holds_alternative<BatchNormLayer>(layer.kind)
             ? 2 * static_cast<std::size_t>(input.back())
             : 0;
}

double forward_flops(const Layer& layer, const Shape& input) {
  double places = 1;  // at which the weights are used
  if (const auto* conv = std::get_if<Conv2dLayer>(&layer.kind)) {
    const Shape output = convolved(layer, *conv, input);
    places = static_cast<double>(output[0]) * output[1];
  }
  return 2.0 * places * static_cast<double>(weight_count(layer, input));
}

namespace {

void summarize(const std::vector<Layer>& layers, Shape shape, ModelSummary& summary) {
  for (const Layer& layer : layers) {
    each_inner_list(layer, [&](const auto& inner) { summarize(inner, shape, summary); });
    const Shape output = output_shape(layer, shape);
    const LayerInfo info{layer.name, to_text(output), parameter_count(layer, shape),
                         forward_flops(layer, shape)};
    summary.parameters += info.parameters;
    summary.weights += weight_count(layer, shape);
    summary.flops += info.flops;
    const auto* dropout = std::get_if<DropoutLayer>(&layer.kind);
    if (!dropout || dropout->rate > 0) summary.layers.push_back(info);
    shape = output;
  }
}

}  // namespace

std::string to_text(const Architecture& architecture, bool widths) {
  std::string text = to_text(architecture.input);
  each_layer(architecture.layers, [&](const Layer& layer) {
    if (std::holds_alternative<DropoutLayer>(layer.kind)) return;
    text += " " + layer.name;
    if (const auto* dense = std::get_if<DenseLayer>(&layer.kind)) {
      if (widths) text += fmt::format(":{}", dense->units);
      if (!dense->bias) text += ":no bias";
    } else if (const auto* conv = std::get_if<Conv2dLayer>(&layer.kind)) {
      const Window& w = conv->window;
      if (widths) text += fmt::format(":{}", conv->filters);
      text += fmt::format(":{}x{}/{}+{}+{}:{}{}", w.height, w.width, w.stride, w.before, w.after,
                          conv->groups, conv->bias ? "" : ":no bias");
    } else if (const auto* pool = std::get_if<PoolLayer>(&layer.kind)) {
      const Window& w = pool->window;
      text += fmt::format(":{}{}x{}/{}+{}+{}", pool->pooling == Pooling::max ? "max" : "average",
                          w.height, w.width, w.stride, w.before, w.after);
    } else if (const auto* activation = std::get_if<ActivationLayer>(&layer.kind)) {
      // A name that says it already is enough: relu1.
      const auto& info = activation_table[static_cast<std::size_t>(activation->activation)];
      const std::string_view last = std::string_view(layer.name).substr(layer.name.rfind('.') + 1);
      if (!last.starts_with(info.name)) text += fmt::format(":{}", info.name);
    } else if (std::holds_alternative<PadShortcutLayer>(layer.kind)) {
      text += ":pad";
    }
  });
  return text;
}

ModelSummary summarize(const Architecture& architecture) {
  ModelSummary summary;
  summarize(architecture.layers, architecture.input, summary);
  summary.bytes = summary.parameters * sizeof(float);
  return summary;
}

}  // namespace vernier::engine
