#include "engine/ir/graph.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "engine/ir/reverse.h"

namespace vernier::engine {
namespace {

/// Lowers layer by layer; `current` is the value that the next layer reads.
class Lowering {
 public:
  explicit Lowering(const Architecture& net) : net_(net), shape_(net.input) {
    graph_.input = current_ = value("input", static_cast<int>(elements(shape_)));
  }

  Graph run() {
    for (std::size_t i = 0; i < net_.layers.size(); ++i) {
      layer_ = static_cast<int>(i);
      const Shape next = output_shape(net_.layers[i], shape_);
      std::visit([this](const auto& layer) { lower(layer); }, net_.layers[i].kind);
      shape_ = next;
    }
    graph_.outputs = current_;
    if (graph_.forward.empty() || graph_.forward.back().kind != OpKind::dense ||
        graph_.forward.back().activation != Activation::identity) {
      fail<UsageError>(
          "[model] the last layer of '{}' is not a plain dense layer; expected one (losses apply "
          "their own sigmoid or softmax)",
          net_.model);
    }
    graph_.targets = tensor({"targets", {width()}, Role::value, true, false, {}, 0});
    Op& loss = add(OpKind::loss);
    loss.x = current_;
    loss.y = graph_.targets;
    append_backward(graph_);
    return std::move(graph_);
  }

 private:
  const std::string& name() const { return net_.layers[static_cast<std::size_t>(layer_)].name; }
  int width() const { return static_cast<int>(elements(shape_)); }

  TensorId tensor(Tensor t) {
    graph_.tensors.push_back(std::move(t));
    return static_cast<TensorId>(graph_.tensors.size()) - 1;
  }
  TensorId value(const std::string& suffix, int units, bool bytes = false) {
    const std::string prefix = graph_.input == no_tensor ? "" : name() + ".";
    return tensor({prefix + suffix, {units}, Role::value, true, bytes, {}, 0});
  }
  TensorId kept(const std::string& suffix, Shape shape, Role role, InitRule init) {
    const std::uint32_t number = role == Role::parameter ? parameters_++ : 0;
    return tensor({name() + "." + suffix, std::move(shape), role, false, false, init, number});
  }
  Op& add(OpKind kind) {
    graph_.forward.push_back({});
    graph_.forward.back().kind = kind;
    graph_.forward.back().layer = layer_;
    return graph_.forward.back();
  }
  static InitRule constant(double c) { return {InitRule::Kind::constant, c}; }

  void lower(const DenseLayer& dense) {
    const TensorId w = kept("weight", {width(), dense.units}, Role::parameter, dense.weights);
    const TensorId b =
        dense.bias ? kept("bias", {dense.units}, Role::parameter, constant(0)) : no_tensor;
    const TensorId y = value("output", dense.units);
    Op& op = add(OpKind::dense);
    op.x = current_;
    op.weight = w;
    op.bias = b;
    op.y = current_ = y;
  }

  void lower(const ActivationLayer& layer) {
    if (layer.activation == Activation::identity) return;
    const bool keep_input = slope_needs_input(layer.activation);
    if (!graph_.forward.empty()) {
      const Op& last = graph_.forward.back();
      const bool fusible = (last.kind == OpKind::dense || last.kind == OpKind::batch_norm) &&
                           last.activation == Activation::identity && last.y == current_;
      if (fusible) {
        const TensorId saved = keep_input ? value("input", width()) : no_tensor;
        graph_.forward.back().activation = layer.activation;
        graph_.forward.back().saved = saved;
        return;
      }
    }
    const TensorId y = value("output", width());
    Op& op = add(OpKind::activate);
    op.activation = layer.activation;
    op.x = current_;
    if (keep_input) op.saved = current_;
    op.y = current_ = y;
  }

  void lower(const SoftmaxLayer&) {
    const TensorId y = value("output", width());
    Op& op = add(OpKind::softmax);
    op.x = current_;
    op.y = current_ = y;
  }

  void lower(const DropoutLayer& layer) {
    if (layer.rate <= 0) return;
    const TensorId mask = value("mask", width(), true);
    const TensorId y = in_place() ? current_ : value("output", width());
    Op& op = add(OpKind::dropout);
    op.rate = layer.rate;
    op.number = layer.number;
    op.mask = mask;
    op.x = current_;
    op.y = current_ = y;
  }

  /// Zeroing and scaling by a positive number must not change the slope that backward reads from the value.
  bool in_place() const {
    if (graph_.forward.empty()) return true;
    const Op& last = graph_.forward.back();
    if (last.kind == OpKind::softmax) return false;
    return last.activation == Activation::identity || last.activation == Activation::relu ||
           last.activation == Activation::leaky_relu;
  }

  void lower(const BatchNormLayer&) {
    const int units = width();
    const TensorId gain = kept("gain", {units}, Role::parameter, constant(1));
    const TensorId shift = kept("shift", {units}, Role::parameter, constant(0));
    const TensorId mean = kept("mean", {units}, Role::statistic, constant(0));
    const TensorId variance = kept("variance", {units}, Role::statistic, constant(1));
    const TensorId deviation =
        tensor({name() + ".deviation", {units}, Role::value, false, false, {}, 0});
    // The normalised input takes the input's place, unless something else reads that.
    const bool own_input = !graph_.forward.empty() && graph_.forward.back().y == current_ &&
                           graph_.forward.back().kind == OpKind::dense &&
                           graph_.forward.back().activation == Activation::identity;
    if (!own_input) {
      const TensorId copy = value("input", units);
      Op& op = add(OpKind::activate);
      op.x = current_;
      op.y = current_ = copy;
    }
    const TensorId y = value("output", units);
    Op& op = add(OpKind::batch_norm);
    op.x = current_;
    op.weight = gain;
    op.bias = shift;
    op.mean = mean;
    op.variance = variance;
    op.deviation = deviation;
    op.y = current_ = y;
  }

  void lower(const FlattenLayer&) {}

  const Architecture& net_;
  Graph graph_;
  Shape shape_;
  TensorId current_ = no_tensor;
  int layer_ = 0;
  std::uint32_t parameters_ = 0;
};

}  // namespace

std::vector<TensorId> tensors_of(const Op& op) {
  std::vector<TensorId> ids;
  for (TensorId id : {op.x, op.y, op.dx, op.dy, op.weight, op.bias, op.saved, op.mask, op.mean,
                      op.variance, op.deviation}) {
    if (id != no_tensor && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Graph build_graph(const Architecture& architecture) { return Lowering(architecture).run(); }

}  // namespace vernier::engine
