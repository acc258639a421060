#include "engine/cpu/runner.h"

#include <algorithm>
#include <cstring>

#include "engine/cpu/augment.h"
#include "engine/cpu/conv.h"
#include "engine/cpu/gemm.h"

namespace vernier::engine::cpu {

struct Extent {
  int rows, cols;
};

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
    const auto statistic = [&](TensorId id) {
      return id == no_tensor ? nullptr : statistics + place(id);
    };
    return {parameter(op.weight),   parameter(op.bias),   statistic(op.mean),
            statistic(op.variance), value(op.batch_mean), value(op.deviation)};
  }
  bool image(TensorId id) const { return tensor(id).image(); }
  Images images(TensorId id) const { return images_of(tensor(id).shape, rows); }
  /// Floats of a value, images with their gaps.
  std::size_t size(TensorId id) const { return image(id) ? images(id).count() : count(id); }
  /// The same, as a matrix: each of its sides fits an int.
  Extent extent(TensorId id) const {
    if (!image(id)) return {rows, width(id)};
    return {static_cast<int>(images(id).blocks()), static_cast<int>(images(id).stride())};
  }
  ConvShape conv(const Op& op, TensorId from, TensorId to) const {
    return {images(from), images(to), op.window, op.groups};
  }
};

/// The operation's activation over the whole of y, bias apart.
void Runner::activate_all(float* y, float* saved, const Op& op, const Pass& pass) {
  const Extent all = pass.extent(op.y);
  bias_activation(y, saved, nullptr, all.rows, all.cols, op.activation);
}

void Runner::forward(const Op& op, const Pass& pass) const {
  const bool training = pass.batch != nullptr;
  float* y = pass.value(op.y);
  float* saved = training ? pass.value(op.saved) : nullptr;
  switch (op.kind) {
    case OpKind::dense: {
      const int units = pass.width(op.y);
      gemm(false, false, pass.rows, units, pass.width(op.x), pass.read(op.x),
           pass.parameter(op.weight), y);
      bias_activation(y, saved, pass.parameter(op.bias), pass.rows, units, op.activation);
      break;
    }
    case OpKind::conv:
      conv(pass.conv(op, op.x, op.y), pass.read(op.x), pass.parameter(op.weight),
           pass.parameter(op.bias), y, pass.value(op.scratch));
      activate_all(y, saved, op, pass);
      break;
    case OpKind::activate:
      std::memcpy(y, pass.read(op.x), pass.size(op.x) * sizeof(float));
      activate_all(y, nullptr, op, pass);
      break;
    case OpKind::softmax:
      softmax(y, pass.read(op.x), pass.rows, pass.width(op.y));
      break;
    case OpKind::dropout:
      if (!training) {
        if (op.y != op.x) std::memcpy(y, pass.read(op.x), pass.size(op.x) * sizeof(float));
      } else if (pass.image(op.x)) {
        dropout_images(y, pass.value(op.x), pass.mask(op.mask), pass.images(op.x),
                       pass.batch->dropout_key, op.number, pass.batch->update, op.rate);
      } else {
        dropout(y, pass.value(op.x), pass.mask(op.mask), pass.count(op.x), pass.batch->dropout_key,
                op.number, pass.batch->update, op.rate);
      }
      break;
    case OpKind::batch_norm: {
      const bool relu = op.activation == Activation::relu;
      const BatchNorm state = pass.batch_norm(op);
      if (pass.image(op.x)) {
        (training ? batch_norm_images_training : batch_norm_images_evaluation)(
            y, pass.read(op.x), state, pass.images(op.x), relu);
      } else {
        (training ? batch_norm_training : batch_norm_evaluation)(y, pass.read(op.x), state,
                                                                 pass.rows, pass.width(op.x), relu);
      }
      if (!relu) activate_all(y, saved, op, pass);
      break;
    }
    case OpKind::pool:
      if (op.pooling == Pooling::max) {
        max_pool(pass.images(op.x), pass.read(op.x), pass.images(op.y), y, pass.mask(op.mask),
                 op.window);
      } else {
        average_pool(pass.images(op.x), pass.read(op.x), pass.images(op.y), y, op.window);
      }
      break;
    case OpKind::add:
      add(y, pass.read(op.x), pass.read(op.z), pass.size(op.y));
      activate_all(y, saved, op, pass);
      break;
    case OpKind::place:
      place_channels(y, pass.read(op.x), pass.images(op.y), pass.images(op.x), op.channel, false);
      break;
    case OpKind::pad_shortcut:
      pad_shortcut(pass.images(op.x), pass.read(op.x), pass.images(op.y), y, op.window.stride);
      break;
    case OpKind::flatten:
      rows_from_images(y, pass.read(op.x), pass.images(op.x));
      break;
    default:
      break;
  }
}

void Runner::backward(const Op& op, const Pass& pass) const {
  float* dy = pass.value(op.dy);
  float* dx = pass.value(op.dx);
  switch (op.kind) {
    case OpKind::activate_gradient:
      if (pass.image(op.dy)) {
        if (op.activation != Activation::identity) {
          const Extent all = pass.extent(op.dy);
          activation_gradient(dy, pass.value(op.y), pass.value(op.saved), nullptr, all.rows,
                              all.cols, op.activation);
        }
        if (op.bias != no_tensor) channel_sums(pass.gradient(op.bias), dy, pass.images(op.dy));
        break;
      }
      activation_gradient(dy, pass.value(op.y), pass.value(op.saved), pass.gradient(op.bias),
                          pass.rows, pass.width(op.dy), op.activation);
      break;
    case OpKind::softmax_gradient:
      softmax_gradient(dy, pass.value(op.y), pass.rows, pass.width(op.dy));
      break;
    case OpKind::dropout_gradient:
      dropout_gradient(dy, pass.mask(op.mask), pass.size(op.dy), op.rate);
      break;
    case OpKind::batch_norm_gradient: {
      const bool relu = op.activation == Activation::relu;
      if (pass.image(op.dy)) {
        batch_norm_images_gradient(dx, dy, pass.value(op.x), pass.batch_norm(op),
                                   pass.gradient(op.weight), pass.gradient(op.bias),
                                   pass.images(op.dy), relu);
      } else {
        batch_norm_gradient(dx, dy, pass.value(op.x), pass.batch_norm(op), pass.gradient(op.weight),
                            pass.gradient(op.bias), pass.rows, pass.width(op.dy), relu);
      }
      break;
    }
    case OpKind::dense_input_gradient:
      gemm(false, true, pass.rows, pass.width(op.dx), pass.width(op.dy), dy,
           pass.parameter(op.weight), dx, op.accumulate);
      break;
    case OpKind::conv_input_gradient:
      conv_input_gradient(pass.conv(op, op.dx, op.dy), dy, pass.parameter(op.weight), dx,
                          op.accumulate, pass.value(op.scratch));
      break;
    case OpKind::conv_weight_gradient:
      conv_weight_gradient(pass.conv(op, op.x, op.dy), pass.value(op.x), dy,
                           pass.gradient(op.weight), pass.value(op.scratch));
      break;
    case OpKind::pool_gradient:
      pool_gradient(pass.images(op.dx), dx, pass.images(op.dy), dy,
                    op.mask == no_tensor ? nullptr : pass.mask(op.mask), op.window, op.accumulate);
      break;
    case OpKind::place_gradient:
      place_channels(dx, dy, pass.images(op.dy), pass.images(op.dx), op.channel, true);
      break;
    case OpKind::pad_shortcut_gradient:
      pad_shortcut_gradient(pass.images(op.dx), dx, pass.images(op.dy), dy, op.window.stride);
      break;
    case OpKind::flatten_gradient:
      images_from_rows(dx, dy, pass.images(op.dx));
      break;
    case OpKind::copy_gradient:
      std::memcpy(dx, dy, pass.size(op.dx) * sizeof(float));
      break;
    case OpKind::add_gradient:
      add(dx, dx, dy, pass.size(op.dx));
      break;
    case OpKind::dense_weight_gradient:
      gemm(true, false, pass.width(op.x), pass.width(op.dy), pass.rows, pass.value(op.x), dy,
           pass.gradient(op.weight));
      break;
    default:
      break;
  }
}

std::size_t scratch_floats(const Graph& graph, const Op& op) {
  const auto shape = [&](TensorId input, TensorId output) {
    return ConvShape{images_of(graph.at(input).shape, 1), images_of(graph.at(output).shape, 1),
                     op.window, op.groups};
  };
  if (op.kind == OpKind::conv) return conv_scratch(shape(op.x, op.y));
  if (op.kind == OpKind::conv_input_gradient) return conv_scratch(shape(op.dx, op.dy));
  if (op.kind == OpKind::conv_weight_gradient)
    return conv_weight_gradient_scratch(shape(op.x, op.dy));
  return 0;
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
  const float* examples = batch.part->x.data();
  if (batch.augment.on() && pass.image(graph.input)) {
    gather_images_augmented(pass.value(graph.input), examples, pass.images(graph.input),
                            *batch.order, batch.first, batch.augment, batch.augment_key,
                            batch.update);
  } else if (batch.augment.on()) {
    gather_augmented(pass.value(graph.input), examples, pass.rows, *batch.order, batch.first,
                     batch.augment, batch.augment_key, batch.update);
  } else if (pass.image(graph.input)) {
    gather_images(pass.value(graph.input), examples, pass.images(graph.input), *batch.order,
                  batch.first);
  } else {
    gather(pass.value(graph.input), examples, pass.rows, pass.width(graph.input), *batch.order,
           batch.first);
  }
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

template <class Visit, class Watch>
void Runner::each_batch(const Part& part, const Weights& weights, Visit&& visit,
                        Watch&& watch) const {
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
  for (int first = 0; first < part.n; first += pass.rows) {
    // The last batch has just the rows that are left: as padding and masking, without the work.
    pass.rows = std::min(plan_.options.evaluation_rows, part.n - first);
    const float* examples = part.x.data() + static_cast<std::size_t>(first) * features;
    if (pass.image(graph.input)) {
      images_from_rows(pass.value(graph.input), examples, pass.images(graph.input));
    } else {
      pass.input = examples;
    }
    for (const Op& op : graph.forward) {
      forward(op, pass);
      watch(op, pass);
    }
    visit(static_cast<std::size_t>(first), pass);
  }
}

LossSum Runner::evaluate(const Part& part, Loss loss, const Weights& weights) const {
  LossSum sum;
  const auto add = [&](std::size_t first, const Pass& pass) {
    const int units = pass.width(plan_.graph.outputs);
    float* outputs = pass.value(plan_.graph.outputs);
    LossSum rows;
    if (part.labels.empty()) {
      rows =
          number_loss_rows(outputs, part.targets.data() + first * static_cast<std::size_t>(units),
                           pass.rows, units, false);
    } else {
      rows = class_loss_rows(loss, outputs, part.labels.data() + first, pass.rows, units, 0, false);
    }
    sum.loss += rows.loss;
    sum.correct += rows.correct;
  };
  each_batch(part, weights, add, [](const Op&, const Pass&) {});
  return sum;
}

std::vector<float> Runner::outputs(const Part& part, const Weights& weights) const {
  std::vector<float> all;
  const auto take = [&](std::size_t, const Pass& pass) {
    const float* outputs = pass.value(plan_.graph.outputs);
    all.insert(all.end(), outputs, outputs + pass.rows * pass.width(plan_.graph.outputs));
  };
  each_batch(part, weights, take, [](const Op&, const Pass&) {});
  return all;
}

void Runner::activations(
    const Part& part, const Weights& weights,
    const std::function<void(const std::string& layer, std::span<const float>)>& visit) const {
  Part some;
  some.n = std::min(part.n, plan_.options.evaluation_rows);
  const std::size_t features = part.x.size() / static_cast<std::size_t>(part.n);
  some.x.assign(part.x.begin(), part.x.begin() + static_cast<std::ptrdiff_t>(features) * some.n);
  std::vector<float> rows;
  const auto watch = [&](const Op& op, const Pass& pass) {
    if (op.activation == Activation::identity && op.kind != OpKind::softmax) return;
    const float* y = pass.value(op.y);
    rows.assign(y, y + (pass.image(op.y) ? 0 : pass.count(op.y)));
    if (pass.image(op.y)) {
      rows.resize(pass.count(op.y));
      rows_from_images(rows.data(), y, pass.images(op.y));
    }
    const std::string& name = pass.tensor(op.y).name;
    visit(name.substr(0, name.rfind('.')), rows);
  };
  each_batch(
      some, weights, [](std::size_t, const Pass&) {}, watch);
}

}  // namespace vernier::engine::cpu
