#include "engine/ir/reverse.h"

#include <array>

namespace vernier::engine {
namespace {

class Reverse {
 public:
  explicit Reverse(Graph& graph)
      : graph_(graph),
        gradient_(graph.tensors.size(), no_tensor),
        learned_(graph.tensors.size(), false) {
    for (const Op& op : graph.forward) {
      if (op.y == no_tensor) continue;
      learned_[index(op.y)] = op.weight != no_tensor || learned_[index(op.x)];
    }
    gradient_[index(graph.outputs)] = graph.outputs;
  }

  bool needed(TensorId value) const { return learned_[index(value)]; }
  TensorId gradient(TensorId value) const { return gradient_[index(value)]; }
  void share(TensorId x, TensorId dy) { gradient_[index(x)] = dy; }
  TensorId create(TensorId x) {
    Tensor t = graph_.tensors[index(x)];
    t.name += ".gradient";
    graph_.tensors.push_back(std::move(t));
    return gradient_[index(x)] = static_cast<TensorId>(graph_.tensors.size()) - 1;
  }
  Op& add(OpKind kind, const Op& forward) {
    Op op = forward;
    op.kind = kind;
    op.dy = gradient(forward.y);
    op.x = op.y = op.weight = op.bias = op.saved = op.mask = no_tensor;
    op.mean = op.variance = op.deviation = no_tensor;
    graph_.backward.push_back(op);
    return graph_.backward.back();
  }

  void activation(const Op& op, TensorId bias) {
    if (op.activation == Activation::identity && bias == no_tensor) return;
    Op& back = add(OpKind::activate_gradient, op);
    if (op.activation != Activation::identity) back.y = op.y;
    back.saved = op.saved;
    back.bias = bias;
  }

 private:
  static std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }
  Graph& graph_;
  std::vector<TensorId> gradient_;
  std::vector<bool> learned_;
};

void reverse_dense(Reverse& r, const Op& op) {
  r.activation(op, op.bias);
  if (r.needed(op.x)) {
    const TensorId dx = r.create(op.x);
    Op& input = r.add(OpKind::dense_input_gradient, op);
    input.weight = op.weight;
    input.dx = dx;
  }
  Op& weight = r.add(OpKind::dense_weight_gradient, op);
  weight.weight = op.weight;
  weight.x = op.x;
}

void reverse_activate(Reverse& r, const Op& op) {
  r.activation(op, no_tensor);
  r.share(op.x, r.gradient(op.y));
}

void reverse_softmax(Reverse& r, const Op& op) {
  r.add(OpKind::softmax_gradient, op).y = op.y;
  r.share(op.x, r.gradient(op.y));
}

void reverse_dropout(Reverse& r, const Op& op) {
  if (!r.needed(op.x)) return;
  r.add(OpKind::dropout_gradient, op).mask = op.mask;
  r.share(op.x, r.gradient(op.y));
}

void reverse_batch_norm(Reverse& r, const Op& op) {
  r.activation(op, no_tensor);
  Op& back = r.add(OpKind::batch_norm_gradient, op);
  back.x = op.x;
  back.weight = op.weight;
  back.bias = op.bias;
  back.deviation = op.deviation;
  r.share(op.x, r.gradient(op.y));
}

void reverse_loss(Reverse&, const Op&) {}

struct Rule {
  OpKind kind;
  void (*apply)(Reverse&, const Op&);
};
constexpr std::array<Rule, 6> rules{{
    {OpKind::dense, reverse_dense},
    {OpKind::activate, reverse_activate},
    {OpKind::softmax, reverse_softmax},
    {OpKind::dropout, reverse_dropout},
    {OpKind::batch_norm, reverse_batch_norm},
    {OpKind::loss, reverse_loss},
}};

}  // namespace

void append_backward(Graph& graph) {
  Reverse reverse(graph);
  for (std::size_t i = graph.forward.size(); i-- > 0;) {
    const Op op = graph.forward[i];
    for (const Rule& rule : rules) {
      if (rule.kind == op.kind) rule.apply(reverse, op);
    }
  }
}

}  // namespace vernier::engine
