#include "engine/cpu/runner.h"

#include <algorithm>
#include <cstring>

#include "engine/cpu/gemm.h"

namespace vernier::engine::cpu {

/// One run through the operations: where its tensors lie and how many examples it has.
struct Runner::Pass {
  const Plan& plan;
  const std::vector<std::size_t>& offsets;  // of values
  std::byte* workspace;
  const float* parameters;
  float* gradients;  // of parameters; null in evaluation
  float* statistics;
  int rows;
  const float* input = nullptr;  // evaluation reads the examples where they lie
  const TrainBatch* batch = nullptr;

  const Tensor& tensor(TensorId id) const {
    return plan.graph.tensors[static_cast<std::size_t>(id)];
  }
  float* value(TensorId id) const {
    if (id == no_tensor) return nullptr;
    return reinterpret_cast<float*>(workspace + offsets[static_cast<std::size_t>(id)]);
  }
  std::uint8_t* mask(TensorId id) const {
    return reinterpret_cast<std::uint8_t*>(workspace + offsets[static_cast<std::size_t>(id)]);
  }
  const float* read(TensorId id) const {
    return id == plan.graph.input && input != nullptr ? input : value(id);
  }
  std::size_t place(TensorId id) const {
    return plan.training[static_cast<std::size_t>(id)] / sizeof(float);
  }
  const float* parameter(TensorId id) const {
    return id == no_tensor ? nullptr : parameters + place(id);
  }
  float* gradient(TensorId id) const { return id == no_tensor ? nullptr : gradients + place(id); }
  int width(TensorId id) const { return static_cast<int>(elements(tensor(id).shape)); }
  std::size_t count(TensorId id) const {
    return elements(tensor(id).shape) * static_cast<std::size_t>(rows);
  }
  BatchNorm batch_norm(const Op& op) const {
    return {parameter(op.weight), parameter(op.bias), statistics + place(op.mean),
            statistics + place(op.variance), value(op.deviation)};
  }
};

void Runner::forward(const Op& op, const Pass& pass) const {
  const bool training = pass.batch != nullptr;
  switch (op.kind) {
    case OpKind::dense: {
      const int units = pass.width(op.y);
      gemm(false, false, pass.rows, units, pass.width(op.x), pass.read(op.x),
           pass.parameter(op.weight), pass.value(op.y));
      bias_activation(pass.value(op.y), training ? pass.value(op.saved) : nullptr,
                      pass.parameter(op.bias), pass.rows, units, op.activation);
      break;
    }
    case OpKind::activate:
      std::memcpy(pass.value(op.y), pass.read(op.x), pass.count(op.x) * sizeof(float));
      bias_activation(pass.value(op.y), nullptr, nullptr, pass.rows, pass.width(op.y),
                      op.activation);
      break;
    case OpKind::softmax:
      softmax(pass.value(op.y), pass.read(op.x), pass.rows, pass.width(op.y));
      break;
    case OpKind::dropout:
      if (training) {
        dropout(pass.value(op.y), pass.value(op.x), pass.mask(op.mask), pass.count(op.x),
                pass.batch->dropout_key, op.number, pass.batch->update, op.rate);
      } else if (op.y != op.x) {
        std::memcpy(pass.value(op.y), pass.read(op.x), pass.count(op.x) * sizeof(float));
      }
      break;
    case OpKind::batch_norm:
      if (training) {
        batch_norm_training(pass.value(op.y), pass.value(op.x), pass.batch_norm(op), pass.rows,
                            pass.width(op.y));
      } else {
        batch_norm_evaluation(pass.value(op.y), pass.read(op.x), pass.batch_norm(op), pass.rows,
                              pass.width(op.y));
      }
      bias_activation(pass.value(op.y), training ? pass.value(op.saved) : nullptr, nullptr,
                      pass.rows, pass.width(op.y), op.activation);
      break;
    default:
      break;
  }
}

void Runner::backward(const Op& op, const Pass& pass) const {
  float* dy = pass.value(op.dy);
  switch (op.kind) {
    case OpKind::activate_gradient:
      activation_gradient(dy, pass.value(op.y), pass.value(op.saved), pass.gradient(op.bias),
                          pass.rows, pass.width(op.dy), op.activation);
      break;
    case OpKind::softmax_gradient:
      softmax_gradient(dy, pass.value(op.y), pass.rows, pass.width(op.dy));
      break;
    case OpKind::dropout_gradient:
      dropout_gradient(dy, pass.mask(op.mask), pass.count(op.dy), op.rate);
      break;
    case OpKind::batch_norm_gradient:
      batch_norm_gradient(dy, pass.value(op.x), pass.parameter(op.weight), pass.value(op.deviation),
                          pass.gradient(op.weight), pass.gradient(op.bias), pass.rows,
                          pass.width(op.dy));
      break;
    case OpKind::dense_input_gradient:
      gemm(false, true, pass.rows, pass.width(op.dx), pass.width(op.dy), dy,
           pass.parameter(op.weight), pass.value(op.dx));
      break;
    case OpKind::dense_weight_gradient:
      gemm(true, false, pass.width(op.x), pass.width(op.dy), pass.rows, pass.value(op.x), dy,
           pass.gradient(op.weight));
      break;
    default:
      break;
  }
}

LossSum Runner::gradients(const TrainBatch& batch) const {
  const Graph& graph = plan_.graph;
  const Pass pass{plan_,
                  plan_.training,
                  reinterpret_cast<std::byte*>(arena_.floats(plan_.workspace, lane_)),
                  arena_.floats(plan_.parameter, lane_),
                  arena_.floats(plan_.gradient, lane_),
                  arena_.floats(plan_.statistic, lane_),
                  plan_.options.batch,
                  nullptr,
                  &batch};
  gather(pass.value(graph.input), batch.part->x.data(), pass.rows, pass.width(graph.input),
         *batch.order, batch.first);
  for (const Op& op : graph.forward) forward(op, pass);

  LossSum sum;
  float* outputs = pass.value(graph.outputs);
  const int units = pass.width(graph.outputs);
  if (batch.part->labels.empty()) {
    gather(pass.value(graph.targets), batch.part->targets.data(), pass.rows, units, *batch.order,
           batch.first);
    sum = number_loss_rows(outputs, pass.value(graph.targets), pass.rows, units, true);
  } else {
    auto* labels = reinterpret_cast<std::int32_t*>(pass.value(graph.targets));
    for (int r = 0; r < pass.rows; ++r) {
      labels[r] = batch.part->labels[(*batch.order)(static_cast<std::uint64_t>(batch.first + r))];
    }
    sum = class_loss_rows(batch.loss, outputs, labels, pass.rows, units, batch.smoothing, true);
  }
  for (const Op& op : graph.backward) backward(op, pass);
  return sum;
}

LossSum Runner::evaluate(const Part& part, Loss loss, const Weights& weights) const {
  const Graph& graph = plan_.graph;
  Pass pass{plan_,
            plan_.evaluation,
            reinterpret_cast<std::byte*>(arena_.floats(plan_.workspace, lane_)),
            weights.parameters,
            nullptr,
            weights.statistics,
            0,
            nullptr,
            nullptr};
  const auto features = static_cast<std::size_t>(pass.width(graph.input));
  const int units = pass.width(graph.outputs);
  LossSum sum;
  for (int first = 0; first < part.n; first += pass.rows) {
    // The last batch has just the rows that are left: as padding and masking, without the work.
    pass.rows = std::min(plan_.options.evaluation_rows, part.n - first);
    pass.input = part.x.data() + static_cast<std::size_t>(first) * features;
    for (const Op& op : graph.forward) forward(op, pass);
    float* outputs = pass.value(graph.outputs);
    LossSum rows;
    if (part.labels.empty()) {
      rows = number_loss_rows(
          outputs,
          part.targets.data() + static_cast<std::size_t>(first) * static_cast<std::size_t>(units),
          pass.rows, units, false);
    } else {
      rows = class_loss_rows(loss, outputs, part.labels.data() + first, pass.rows, units, 0, false);
    }
    sum.loss += rows.loss;
    sum.correct += rows.correct;
  }
  return sum;
}

}  // namespace vernier::engine::cpu
