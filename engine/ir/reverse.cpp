#include "engine/ir/reverse.h"

#include <array>

namespace vernier::engine {
namespace {

/// Which tensor holds the gradient of which value. Values may share a gradient (both inputs of a sum): then whoever would change it
/// takes a copy first.
class Reverse {
 public:
  explicit Reverse(Graph& graph)
      : graph_(graph),
        gradient_(graph.tensors.size(), no_tensor),
        holders_(graph.tensors.size(), 0),
        learned_(graph.tensors.size(), false) {
    for (const Op& op : graph.forward) {
      if (op.y == no_tensor || op.kind == OpKind::loss) continue;
      if (op.weight != no_tensor || learned_[index(op.x)] ||
          (op.z != no_tensor && learned_[index(op.z)])) {
        learned_[index(op.y)] = true;
      }
    }
    hold(graph.outputs, graph.outputs);
  }

  bool needed(TensorId value) const { return learned_[index(value)]; }
  /// The gradient of op.y, for reading.
  TensorId read(const Op& op) const { return gradient_[index(op.y)]; }
  /// The gradient of op.y, for changing it.
  TensorId own(const Op& op) { return own(op.y, op); }
  bool exclusive(const Op& op) const { return holders_[index(read(op))] == 1; }

  /// op.y's gradient is used up, as it stands, for op.x.
  void hand_over(const Op& op) {
    if (op.x == op.y) return;
    const TensorId t = read(op);
    let_go(op.y);
    give(op.x, t, op);
  }
  /// `value` receives gradient `t`, which others may hold too.
  void give(TensorId value, TensorId t, const Op& op) {
    if (!needed(value)) return;
    if (gradient_[index(value)] == no_tensor) return hold(value, t);
    const TensorId into = own(value, op);
    Op& sum = add(OpKind::add_gradient, op);
    sum.dy = t;
    sum.dx = into;
  }
  /// Where an operation writes the gradient of op.x; `accumulate` is set where there is one to add to.
  TensorId target(const Op& op, bool& accumulate) {
    accumulate = gradient_[index(op.x)] != no_tensor;
    return accumulate ? own(op.x, op) : create(op.x);
  }
  TensorId create(TensorId value) {
    const TensorId t = fresh(value);
    hold(value, t);
    return t;
  }
  /// A tensor for a gradient of `value` that nobody holds yet.
  TensorId fresh(TensorId value) {
    Tensor t = graph_.tensors[index(value)];
    t.name += ".gradient";
    graph_.tensors.push_back(std::move(t));
    holders_.push_back(0);
    gradient_.push_back(no_tensor);
    learned_.push_back(false);
    return static_cast<TensorId>(graph_.tensors.size()) - 1;
  }
  void let_go(TensorId value) {
    TensorId& t = gradient_[index(value)];
    if (t == no_tensor) return;
    --holders_[index(t)];
    t = no_tensor;
  }

  Op& add(OpKind kind, const Op& forward) {
    Op op;
    op.kind = kind;
    op.activation = forward.activation;
    op.window = forward.window;
    op.groups = forward.groups;
    op.pooling = forward.pooling;
    op.channel = forward.channel;
    op.rate = forward.rate;
    op.number = forward.number;
    graph_.backward.push_back(op);
    return graph_.backward.back();
  }

  void activation(const Op& op, TensorId bias) {
    if (op.activation == Activation::identity && bias == no_tensor) return;
    const TensorId dy = op.activation == Activation::identity ? read(op) : own(op);
    Op& back = add(OpKind::activate_gradient, op);
    back.dy = dy;
    if (op.activation != Activation::identity) back.y = op.y;
    back.saved = op.saved;
    back.bias = bias;
  }

 private:
  static std::size_t index(TensorId id) { return static_cast<std::size_t>(id); }
  void hold(TensorId value, TensorId t) {
    gradient_[index(value)] = t;
    ++holders_[index(t)];
  }
  TensorId own(TensorId value, const Op& op) {
    const TensorId t = gradient_[index(value)];
    if (holders_[index(t)] == 1) return t;
    let_go(value);
    const TensorId copy = create(value);
    Op& copying = add(OpKind::copy_gradient, op);
    copying.dy = t;
    copying.dx = copy;
    return copy;
  }

  Graph& graph_;
  std::vector<TensorId> gradient_;  // per value
  std::vector<int> holders_;        // per gradient
  std::vector<bool> learned_;
};

void reverse_product(Reverse& r, const Op& op, OpKind input_gradient, OpKind weight_gradient) {
  r.activation(op, op.bias);
  const TensorId dy = r.read(op);
  if (r.needed(op.x)) {
    bool accumulate = false;
    const TensorId dx = r.target(op, accumulate);
    Op& input = r.add(input_gradient, op);
    input.weight = op.weight;
    input.dy = dy;
    input.dx = dx;
    input.accumulate = accumulate;
  }
  Op& weight = r.add(weight_gradient, op);
  weight.weight = op.weight;
  weight.dy = dy;
  weight.x = op.x;
  r.let_go(op.y);
}

void reverse_dense(Reverse& r, const Op& op) {
  reverse_product(r, op, OpKind::dense_input_gradient, OpKind::dense_weight_gradient);
}

void reverse_conv(Reverse& r, const Op& op) {
  reverse_product(r, op, OpKind::conv_input_gradient, OpKind::conv_weight_gradient);
}

void reverse_activate(Reverse& r, const Op& op) {
  if (!r.needed(op.x)) return;
  r.activation(op, no_tensor);
  r.hand_over(op);
}

void reverse_softmax(Reverse& r, const Op& op) {
  if (!r.needed(op.x)) return;
  const TensorId dy = r.own(op);
  Op& back = r.add(OpKind::softmax_gradient, op);
  back.dy = dy;
  back.y = op.y;
  r.hand_over(op);
}

void reverse_dropout(Reverse& r, const Op& op) {
  if (!r.needed(op.x)) return;
  const TensorId dy = r.own(op);
  Op& back = r.add(OpKind::dropout_gradient, op);
  back.dy = dy;
  back.mask = op.mask;
  r.hand_over(op);
}

void reverse_batch_norm(Reverse& r, const Op& op) {
  const bool inside = op.activation == Activation::identity || op.activation == Activation::relu;
  if (!inside) r.activation(op, no_tensor);
  const TensorId dy = r.read(op);
  // Also where nothing before it is learned: gain and shift are.
  const TensorId dx = r.exclusive(op) ? dy : r.fresh(op.x);
  Op& back = r.add(OpKind::batch_norm_gradient, op);
  if (!inside) back.activation = Activation::identity;
  back.x = op.x;
  back.weight = op.weight;
  back.bias = op.bias;
  back.batch_mean = op.batch_mean;
  back.deviation = op.deviation;
  back.dy = dy;
  back.dx = dx;
  r.let_go(op.y);
  r.give(op.x, dx, op);
}

void reverse_pool(Reverse& r, const Op& op) {
  if (!r.needed(op.x)) return;
  const TensorId dy = r.read(op);
  bool accumulate = false;
  const TensorId dx = r.target(op, accumulate);
  Op& back = r.add(OpKind::pool_gradient, op);
  back.dy = dy;
  back.dx = dx;
  back.mask = op.mask;
  back.accumulate = accumulate;
  r.let_go(op.y);
}

void reverse_add(Reverse& r, const Op& op) {
  if (!r.needed(op.y)) return;
  r.activation(op, no_tensor);
  const TensorId dy = r.read(op);
  r.give(op.z, dy, op);
  r.hand_over(op);
}

/// For operations that make a new gradient of x from that of y.
void reverse_moved(Reverse& r, const Op& op, OpKind kind, bool last_use) {
  if (r.needed(op.x)) {
    const TensorId dy = r.read(op);
    const TensorId dx = r.fresh(op.x);
    Op& back = r.add(kind, op);
    back.dy = dy;
    back.dx = dx;
    if (last_use) r.let_go(op.y);
    r.give(op.x, dx, op);
  } else if (last_use) {
    r.let_go(op.y);
  }
}

void reverse_place(Reverse& r, const Op& op) {
  reverse_moved(r, op, OpKind::place_gradient, op.channel == 0);
}
void reverse_pad_shortcut(Reverse& r, const Op& op) {
  reverse_moved(r, op, OpKind::pad_shortcut_gradient, true);
}
void reverse_flatten(Reverse& r, const Op& op) {
  reverse_moved(r, op, OpKind::flatten_gradient, true);
}

void reverse_loss(Reverse&, const Op&) {}

struct Rule {
  OpKind kind;
  void (*apply)(Reverse&, const Op&);
};
constexpr std::array<Rule, 12> rules{{
    {OpKind::dense, reverse_dense},
    {OpKind::conv, reverse_conv},
    {OpKind::activate, reverse_activate},
    {OpKind::softmax, reverse_softmax},
    {OpKind::dropout, reverse_dropout},
    {OpKind::batch_norm, reverse_batch_norm},
    {OpKind::pool, reverse_pool},
    {OpKind::add, reverse_add},
    {OpKind::place, reverse_place},
    {OpKind::pad_shortcut, reverse_pad_shortcut},
    {OpKind::flatten, reverse_flatten},
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
