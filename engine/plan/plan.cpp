#include "engine/plan/plan.h"

#include <algorithm>
#include <utility>

#include "engine/plan/images.h"
#include "engine/plan/liveness.h"

namespace vernier::engine {
namespace {

std::size_t padded(std::size_t bytes) {
  return (bytes + arena_alignment - 1) / arena_alignment * arena_alignment;
}

std::vector<Lifetime> lifetimes(const Graph& graph, const std::vector<Op>& ops, int rows,
                                bool store_input, const PlanOptions& options) {
  std::vector<Lifetime> lives(graph.tensors.size());
  for (std::size_t i = 0; i < ops.size(); ++i) {
    const int now = static_cast<int>(i);
    for (TensorId id : tensors_of(ops[i])) {
      const Tensor& tensor = graph.tensors[static_cast<std::size_t>(id)];
      if (tensor.role != Role::value) continue;
      if (id == graph.input && !store_input && !tensor.image()) continue;
      Lifetime& life = lives[static_cast<std::size_t>(id)];
      if (life.last < life.first) life.first = now;
      life.bytes = tensor_bytes(tensor, rows, number_bytes(graph, id, options));
      life.last = now;
    }
  }
  return lives;
}

/// Multiply-adds of one example: every weight once, of a convolution once at each place of its output.
double products_of(const Graph& graph, const Op& op) {
  switch (op.kind) {
    case OpKind::dense:
    case OpKind::dense_input_gradient:
    case OpKind::dense_weight_gradient:
      return static_cast<double>(elements(graph.at(op.weight).shape));
    case OpKind::conv:
    case OpKind::conv_input_gradient:
    case OpKind::conv_weight_gradient: {
      const Shape& output = graph.at(op.y != no_tensor ? op.y : op.dy).shape;
      return static_cast<double>(elements(graph.at(op.weight).shape)) * output[0] * output[1];
    }
    default:
      return 0;
  }
}

double update_flops(const Plan& plan) {
  double products = 0;
  const auto add = [&](const std::vector<Op>& ops) {
    for (const Op& op : ops) products += products_of(plan.graph, op);
  };
  add(plan.graph.forward);
  add(plan.graph.backward);
  return 2.0 * plan.options.batch * products;
}

}  // namespace

std::size_t number_bytes(const Graph& graph, TensorId id, const PlanOptions& options) {
  const Tensor& tensor = graph.at(id);
  if (tensor.bytes) return 1;
  return tensor.per_example && id != graph.targets ? options.value_bytes : sizeof(float);
}

std::size_t tensor_bytes(const Tensor& tensor, int rows, std::size_t number) {
  const std::size_t count =
      tensor.image()
          ? images_of(tensor.shape, rows).count()
          : elements(tensor.shape) * (tensor.per_example ? static_cast<std::size_t>(rows) : 1);
  return count * (tensor.bytes ? 1 : number);
}

namespace {

void add_scratch(Graph& graph, std::vector<Op>& ops, const PlanOptions& options) {
  if (options.scratch == nullptr) return;
  for (Op& op : ops) {
    const std::size_t floats = options.scratch(graph, op);
    if (floats == 0) continue;
    op.scratch = static_cast<TensorId>(graph.tensors.size());
    graph.tensors.push_back(
        {"scratch", {static_cast<int>(floats)}, Role::value, false, false, {}, 0});
  }
}

}  // namespace

Plan make_plan(const Architecture& architecture, const PlanOptions& options) {
  Plan plan;
  plan.graph = build_graph(architecture);
  plan.options = options;
  if (options.prepare != nullptr) options.prepare(plan.graph);
  add_scratch(plan.graph, plan.graph.forward, options);
  add_scratch(plan.graph, plan.graph.backward, options);

  std::vector<Op> all = plan.graph.forward;
  all.insert(all.end(), plan.graph.backward.begin(), plan.graph.backward.end());
  Placement training = place(lifetimes(plan.graph, all, options.batch, true, options));
  Placement evaluation = place(lifetimes(plan.graph, plan.graph.forward, options.evaluation_rows,
                                         options.evaluation_input, options));
  plan.training = std::move(training.offsets);
  plan.evaluation = std::move(evaluation.offsets);

  std::size_t parameter = 0;
  std::size_t statistic = 0;
  for (std::size_t i = 0; i < plan.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan.graph.tensors[i];
    if (tensor.role == Role::value) continue;
    std::size_t& end = tensor.role == Role::parameter ? parameter : statistic;
    plan.training[i] = end;
    end += padded(tensor_bytes(tensor, 1));
    if (tensor.role == Role::parameter) plan.parameters += elements(tensor.shape);
  }
  plan.parameter_floats = parameter / sizeof(float);
  plan.statistic_floats = statistic / sizeof(float);

  const auto take = [&](Region& region, std::size_t stride) {
    region = {plan.bytes, stride};
    plan.bytes += stride * static_cast<std::size_t>(options.lanes);
  };
  take(plan.parameter, parameter);
  take(plan.gradient, parameter);
  for (int i = 0; i < options.optimizer_states; ++i) take(plan.state[i], parameter);
  if (options.average) take(plan.average, parameter);
  if (options.keep_best) take(plan.best, parameter + statistic);
  take(plan.statistic, statistic);
  // One vector of slack: loads of a masked last vector may touch it.
  take(plan.workspace, std::max(training.bytes, evaluation.bytes) + arena_alignment);
  plan.flops = update_flops(plan);
  return plan;
}

}  // namespace vernier::engine
