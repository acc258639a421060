#include "engine/torch/sequential.h"

#include <fmt/format.h>

#include <optional>

#include "core/error.h"

namespace vernier::engine {
namespace {

/// Where the module's default is meant, nothing is printed.
std::string bias_text(bool bias) { return bias ? "" : ", bias=False"; }

std::string pair(int a, int b) {
  return a == b ? std::to_string(a) : fmt::format("({}, {})", a, b);
}

std::string activation_text(const Layer& layer, Activation activation) {
  switch (activation) {
    case Activation::identity:
      return "";
    case Activation::sigmoid:
      return "torch.nn.Sigmoid()";
    case Activation::tanh:
      return "torch.nn.Tanh()";
    case Activation::relu:
      return "torch.nn.ReLU()";
    case Activation::leaky_relu:
      return "torch.nn.LeakyReLU(0.01)";
    case Activation::softplus:
      return "torch.nn.Softplus()";
    case Activation::elu:
      return "torch.nn.ELU()";
    case Activation::gelu:
      return "torch.nn.GELU()";
    case Activation::threshold:
      break;
  }
  fail<UsageError>("[export] layer '{}': PyTorch has no module for this activation", layer.name);
}

class Builder {
 public:
  Builder(const Architecture& net, const CheckpointReader& weights) : weights_(weights) {
    shape_ = net.input;
    for (const Layer& layer : net.layers) {
      std::visit([&](const auto& kind) { add(layer, kind); }, layer.kind);
      shape_ = output_shape(layer, shape_);
    }
  }
  Sequential take() { return std::move(out_); }

 private:
  void module(const std::string& text) {
    if (!text.empty()) out_.modules.push_back(text);
  }
  /// Of the module that is written next.
  NamedTensor& tensor(const char* name, std::vector<std::int64_t> shape) {
    out_.tensors.push_back(
        {fmt::format("{}.{}", out_.modules.size(), name), std::move(shape), {}, {}});
    return out_.tensors.back();
  }
  std::vector<float> read(const Layer& layer, const char* name,
                          const std::vector<std::int64_t>& shape) const {
    std::size_t count = 1;
    for (const auto n : shape) count *= static_cast<std::size_t>(n);
    std::vector<float> values(count);
    weights_.read(fmt::format("weights/{}.{}", layer.name, name), values, shape);
    return values;
  }
  void bias(const Layer& layer, bool has, int units) {
    if (has) tensor("bias", {units}).values = read(layer, "bias", {units});
  }
  /// The place here of PyTorch's unit `k` of what is now flat.
  std::size_t place(int k) const {
    if (!flattened_) return static_cast<std::size_t>(k);
    const int height = (*flattened_)[0], width = (*flattened_)[1], channels = (*flattened_)[2];
    const int channel = k / (height * width), pixel = k % (height * width);
    return static_cast<std::size_t>(pixel * channels + channel);
  }

  void add(const Layer& layer, const DenseLayer& dense) {
    const int inputs = shape_[0], units = dense.units;
    const std::vector<float> w = read(layer, "weight", {inputs, units});
    auto& values = tensor("weight", {units, inputs}).values;
    for (int unit = 0; unit < units; ++unit)
      for (int input = 0; input < inputs; ++input)
        values.push_back(
            w[place(input) * static_cast<std::size_t>(units) + static_cast<std::size_t>(unit)]);
    bias(layer, dense.bias, units);
    module(fmt::format("torch.nn.Linear({}, {}{})", inputs, units, bias_text(dense.bias)));
    flattened_.reset();
  }
  void add(const Layer& layer, const ActivationLayer& activation) {
    module(activation_text(layer, activation.activation));
  }
  void add(const Layer& layer, const SoftmaxLayer&) {
    if (shape_.size() != 1)
      fail<UsageError>("[export] layer '{}': a softmax over a whole image; expected one over units",
                       layer.name);
    module("torch.nn.Softmax(dim=1)");
  }
  void add(const Layer&, const DropoutLayer& dropout) {
    if (dropout.rate > 0) module(fmt::format("torch.nn.Dropout({})", dropout.rate));
  }
  void add(const Layer& layer, const BatchNormLayer&) {
    const int units = shape_.back();
    const auto put = [&](const char* theirs, const char* ours) {
      const std::vector<float> from = read(layer, ours, {units});
      auto& to = tensor(theirs, {units}).values;
      for (int k = 0; k < units; ++k) to.push_back(from[place(k)]);
    };
    put("weight", "gain");
    put("bias", "shift");
    put("running_mean", "mean");
    put("running_var", "variance");
    tensor("num_batches_tracked", {}).integers = {0};
    module(fmt::format("torch.nn.BatchNorm{}d({})", shape_.size() == 3 ? 2 : 1, units));
  }
  void add(const Layer&, const FlattenLayer&) {
    if (shape_.size() == 3) flattened_ = shape_;
    module("torch.nn.Flatten()");
  }
  void add(const Layer& layer, const Conv2dLayer& conv) {
    const Window& w = conv.window;
    const int inputs = shape_[2] / conv.groups;
    const std::string padding = pad(w, "torch.nn.ZeroPad2d(({1}, {2}, {1}, {2}))");
    const std::vector<float> from =
        read(layer, "weight", {w.height, w.width, inputs, conv.filters});
    auto& to = tensor("weight", {conv.filters, inputs, w.height, w.width}).values;
    for (int filter = 0; filter < conv.filters; ++filter)
      for (int input = 0; input < inputs; ++input)
        for (int pixel = 0; pixel < w.height * w.width; ++pixel)
          to.push_back(
              from[static_cast<std::size_t>((pixel * inputs + input) * conv.filters + filter)]);
    bias(layer, conv.bias, conv.filters);
    const std::string groups = conv.groups == 1 ? "" : fmt::format(", groups={}", conv.groups);
    module(fmt::format("torch.nn.Conv2d({}, {}, {}{}{}{}{})", shape_[2], conv.filters,
                       pair(w.height, w.width), stride(w.stride, 1), padding, groups,
                       bias_text(conv.bias)));
  }
  void add(const Layer& layer, const PoolLayer& pool) {
    const Window& w = pool.window;
    const std::string strides = stride(w.stride, w.height == w.width ? w.height : 0);
    if (pool.pooling == Pooling::max) {
      // Beyond the image nothing counts: minus infinity, not 0.
      const std::string padding =
          pad(w, "torch.nn.ConstantPad2d(({1}, {2}, {1}, {2}), float('-inf'))",
              2 * w.before <= std::min(w.height, w.width));
      module(fmt::format("torch.nn.MaxPool2d({}{}{})", pair(w.height, w.width), strides, padding));
      return;
    }
    if (w.before != w.after || 2 * w.before > std::min(w.height, w.width))
      fail<UsageError>(
          "[export] layer '{}': an average over {} rows and columns before the image and {} after; "
          "torch.nn.AvgPool2d has the same on both sides, at most half the window",
          layer.name, w.before, w.after);
    module(fmt::format("torch.nn.AvgPool2d({}{}{}, count_include_pad=False)",
                       pair(w.height, w.width), strides,
                       w.before ? fmt::format(", padding={}", w.before) : ""));
  }
  void add(const Layer&, const GlobalAveragePoolLayer&) {
    module("torch.nn.AdaptiveAvgPool2d(1)");
    module("torch.nn.Flatten()");
  }
  [[noreturn]] void add(const Layer& layer, const PadShortcutLayer&) {
    fail<UsageError>("[export] layer '{}': torch.nn.Sequential has no shortcut", layer.name);
  }
  [[noreturn]] void add(const Layer& layer, const ResidualLayer&) {
    fail<UsageError>(
        "[export] layer '{}' adds its input to what its layers make of it; torch.nn.Sequential has "
        "one layer after the other alone",
        layer.name);
  }
  [[noreturn]] void add(const Layer& layer, const BranchesLayer&) {
    fail<UsageError>(
        "[export] layer '{}' has branches side by side; torch.nn.Sequential has one layer after "
        "the other alone",
        layer.name);
  }

  static std::string stride(int stride, int otherwise) {
    return stride == otherwise ? "" : fmt::format(", stride={}", stride);
  }
  /// The argument `padding`; where it cannot say it, a module before (`other`, with before and after).
  std::string pad(const Window& w, fmt::string_view other, bool possible = true) {
    if (w.before == 0 && w.after == 0) return "";
    if (w.before == w.after && possible) return fmt::format(", padding={}", w.before);
    module(fmt::format(fmt::runtime(other), 0, w.before, w.after));
    return "";
  }

  const CheckpointReader& weights_;
  Shape shape_;
  std::optional<Shape> flattened_;  // the image whose pixels the units are
  Sequential out_;
};

}  // namespace

std::string Sequential::text() const {
  std::string text = "torch.nn.Sequential(\n";
  for (const std::string& module : modules) text += "    " + module + ",\n";
  return text + ")\n";
}

Sequential to_sequential(const Architecture& net, const CheckpointReader& weights) {
  return Builder(net, weights).take();
}

}  // namespace vernier::engine
