#include "engine/ir/graph.h"

#include <algorithm>
#include <utility>

#include "core/error.h"
#include "engine/ir/reverse.h"

namespace vernier::engine {
namespace {

/// Lowers layer by layer; `current_` is the value that the next layer reads.
class Lowering {
 public:
  explicit Lowering(const Architecture& net) : net_(net), shape_(net.input) {
    const bool flat =
        !net.layers.empty() && std::holds_alternative<FlattenLayer>(net.layers[0].kind);
    if (flat) shape_ = {static_cast<int>(elements(shape_))};
    graph_.input = current_ = value("input", shape_);
  }

  Graph run() {
    lower(net_.layers);
    graph_.outputs = current_;
    if (graph_.forward.empty() || graph_.forward.back().kind != OpKind::dense ||
        graph_.forward.back().activation != Activation::identity) {
      fail<UsageError>(
          "[model] the last layer of '{}' is not a plain dense layer; expected one (losses apply "
          "their own sigmoid or softmax)",
          net_.model);
    }
    graph_.targets = tensor({"targets", shape_, Role::value, true, false, {}, 0});
    Op& loss = add(OpKind::loss);
    loss.x = current_;
    loss.y = graph_.targets;
    append_backward(graph_);
    return std::move(graph_);
  }

 private:
  void lower(const std::vector<Layer>& layers) {
    for (const Layer& layer : layers) {
      const Shape next = output_shape(layer, shape_);
      name_ = layer.name;
      std::visit([this](const auto& kind) { lower(kind); }, layer.kind);
      shape_ = next;
    }
  }

  TensorId tensor(Tensor t) {
    graph_.tensors.push_back(std::move(t));
    shared_.push_back(false);
    return static_cast<TensorId>(graph_.tensors.size()) - 1;
  }
  TensorId value(const std::string& suffix, Shape shape, bool bytes = false) {
    const std::string prefix = graph_.input == no_tensor ? "" : name_ + ".";
    return tensor({prefix + suffix, std::move(shape), Role::value, true, bytes, {}, 0});
  }
  TensorId kept(const std::string& suffix, Shape shape, Role role, InitRule init) {
    const std::uint32_t number = role == Role::parameter ? parameters_++ : 0;
    return tensor({name_ + "." + suffix, std::move(shape), role, false, false, init, number});
  }
  Op& add(OpKind kind) {
    graph_.forward.push_back({});
    graph_.forward.back().kind = kind;
    return graph_.forward.back();
  }
  /// An operation from the current value to a new one of `shape`.
  Op& step(OpKind kind, Shape shape) {
    const TensorId y = value("output", std::move(shape));
    Op& op = add(kind);
    op.x = current_;
    op.y = current_ = y;
    return op;
  }
  static InitRule constant(double c) { return {InitRule::Kind::constant, c}; }

  bool shared(TensorId id) const { return shared_[static_cast<std::size_t>(id)]; }
  /// Nothing but the next layer reads the current value, which the last operation has made.
  bool fresh() const {
    return !graph_.forward.empty() && graph_.forward.back().y == current_ && !shared(current_);
  }

  void lower(const DenseLayer& dense) {
    const int inputs = shape_[0];
    const TensorId w = kept("weight", {inputs, dense.units}, Role::parameter, dense.weights);
    const TensorId b =
        dense.bias ? kept("bias", {dense.units}, Role::parameter, constant(0)) : no_tensor;
    Op& op = step(OpKind::dense, {dense.units});
    op.weight = w;
    op.bias = b;
  }

  void lower(const Conv2dLayer& conv) {
    const Shape weights{conv.window.height, conv.window.width, shape_[2] / conv.groups,
                        conv.filters};
    const TensorId w = kept("weight", weights, Role::parameter, conv.weights);
    const TensorId b =
        conv.bias ? kept("bias", {conv.filters}, Role::parameter, constant(0)) : no_tensor;
    Op& op = step(OpKind::conv, output_shape({name_, conv}, shape_));
    op.weight = w;
    op.bias = b;
    op.window = conv.window;
    op.groups = conv.groups;
  }

  void lower(const ActivationLayer& layer) {
    if (layer.activation == Activation::identity) return;
    const bool keep_input = slope_needs_input(layer.activation);
    if (fresh()) {
      const Op& last = graph_.forward.back();
      const bool fusible = (last.kind == OpKind::dense || last.kind == OpKind::conv ||
                            last.kind == OpKind::batch_norm || last.kind == OpKind::add) &&
                           last.activation == Activation::identity;
      if (fusible) {
        const TensorId saved = keep_input ? value("input", shape_) : no_tensor;
        graph_.forward.back().activation = layer.activation;
        graph_.forward.back().saved = saved;
        return;
      }
    }
    const TensorId x = current_;
    Op& op = step(OpKind::activate, shape_);
    op.activation = layer.activation;
    if (keep_input) op.saved = x;
  }

  void lower(const SoftmaxLayer&) { step(OpKind::softmax, shape_); }

  void lower(const DropoutLayer& layer) {
    if (layer.rate <= 0) return;
    const TensorId mask = value("mask", shape_, true);
    const TensorId y = zeros_in_place() ? current_ : value("output", shape_);
    Op& op = add(OpKind::dropout);
    op.rate = layer.rate;
    op.number = layer.number;
    op.mask = mask;
    op.x = current_;
    op.y = current_ = y;
  }

  /// Zeroing and scaling by a positive number must not change the slope that backward reads from the value.
  bool zeros_in_place() const {
    if (graph_.forward.empty()) return !shared(current_);
    if (!fresh() || graph_.forward.back().kind == OpKind::softmax) return false;
    const Activation last = graph_.forward.back().activation;
    return last == Activation::identity || last == Activation::relu ||
           last == Activation::leaky_relu;
  }

  void lower(const BatchNormLayer&) {
    const Shape units{shape_.back()};
    const TensorId gain = kept("gain", units, Role::parameter, constant(1));
    const TensorId shift = kept("shift", units, Role::parameter, constant(0));
    const TensorId mean = kept("mean", units, Role::statistic, constant(0));
    const TensorId variance = kept("variance", units, Role::statistic, constant(1));
    const auto of_batch = [&](const char* what) {
      return tensor({name_ + what, units, Role::value, false, false, {}, 0});
    };
    const TensorId batch_mean = of_batch(".batch_mean");
    const TensorId deviation = of_batch(".deviation");
    Op& op = step(OpKind::batch_norm, shape_);
    op.weight = gain;
    op.bias = shift;
    op.mean = mean;
    op.variance = variance;
    op.batch_mean = batch_mean;
    op.deviation = deviation;
  }

  void lower(const PoolLayer& pool) {
    const Shape output = output_shape({name_, pool}, shape_);
    const TensorId mask = pool.pooling == Pooling::max ? value("place", output, true) : no_tensor;
    Op& op = step(OpKind::pool, output);
    op.pooling = pool.pooling;
    op.window = pool.window;
    op.mask = mask;
  }

  void lower(const GlobalAveragePoolLayer&) {
    const int channels = shape_[2];
    Op& op = step(OpKind::pool, {1, 1, channels});
    op.pooling = Pooling::average;
    op.window = {shape_[0], shape_[1], 1, 0, 0};
    step(OpKind::flatten, {channels});
  }

  void lower(const PadShortcutLayer& pad) {
    Op& op = step(OpKind::pad_shortcut, output_shape({name_, pad}, shape_));
    op.window.stride = pad.stride;
  }

  void lower(const FlattenLayer&) {
    if (shape_.size() == 3) step(OpKind::flatten, {static_cast<int>(elements(shape_))});
  }

  void lower(const ResidualLayer& residual) {
    const std::string name = name_;
    const Shape input_shape = shape_;
    const TensorId input = current_;
    shared_[static_cast<std::size_t>(input)] = true;
    lower(residual.body);
    const TensorId body = current_;
    const Shape shape = shape_;
    current_ = input;
    shape_ = input_shape;
    lower(residual.shortcut);
    TensorId one = body;
    TensorId other = current_;
    if (!graph_.forward.empty() && graph_.forward.back().y == other) std::swap(one, other);
    current_ = one;
    name_ = name;
    const TensorId y = one != other && sums_in_place() ? one : value("output", shape);
    Op& op = add(OpKind::add);
    op.x = one;
    op.z = other;
    op.y = current_ = y;
    shape_ = shape;
  }

  /// A sum may take the place of an output that nothing in the backward pass reads.
  bool sums_in_place() const {
    if (!fresh()) return false;
    const Op& last = graph_.forward.back();
    if (last.kind != OpKind::conv && last.kind != OpKind::dense &&
        last.kind != OpKind::batch_norm) {
      return false;
    }
    return last.activation == Activation::identity;
  }

  void lower(const BranchesLayer& branches) {
    const std::string name = name_;
    const Shape input_shape = shape_;
    const TensorId input = current_;
    shared_[static_cast<std::size_t>(input)] = true;
    const TensorId y = value("output", output_shape({name_, branches}, shape_));
    int channel = 0;
    for (const std::vector<Layer>& branch : branches.branches) {
      current_ = input;
      shape_ = input_shape;
      lower(branch);
      Op& op = add(OpKind::place);
      op.x = current_;
      op.y = y;
      op.channel = channel;
      channel += shape_[2];
    }
    current_ = y;
    name_ = name;
  }

  const Architecture& net_;
  Graph graph_;
  Shape shape_;
  std::string name_;
  TensorId current_ = no_tensor;
  std::vector<bool> shared_;  // per tensor: read by more than one layer
  std::uint32_t parameters_ = 0;
};

}  // namespace

std::vector<TensorId> tensors_of(const Op& op) {
  std::vector<TensorId> ids;
  for (TensorId id : {op.x, op.y, op.z, op.dx, op.dy, op.weight, op.bias, op.saved, op.mask,
                      op.mean, op.variance, op.batch_mean, op.deviation, op.scratch}) {
    if (id != no_tensor && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

Graph build_graph(const Architecture& architecture) { return Lowering(architecture).run(); }

}  // namespace vernier::engine
