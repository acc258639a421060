#include "engine/cuda/runner.h"

#include <algorithm>

#include "core/error.h"
#include "engine/cohort/transfer.h"
#include "engine/cuda/runner_pass.h"

namespace vernier::engine::cuda {
namespace {

[[noreturn]] void refuse(const Op& op) {
  fail<DeviceError>("[engine] operation {} has no kernel on a GPU", static_cast<int>(op.kind));
}

}  // namespace

bool Runner::frozen(TensorId statistic) const {
  const auto& layers = layout_.training.frozen;
  return std::find(layers.begin(), layers.end(), layer_of(plan_.graph.at(statistic).name)) !=
         layers.end();
}

void Runner::copy(float* to, const float* from, std::size_t count, const Pass& pass) const {
  device_.launch(Copy{to, from, pass.stride(), pass.stride(), count},
                 teams(count, elements_per_team), pass.lanes());
}

RowLosses Runner::row_losses() const {
  return {at<float>(layout_.losses), at<std::int32_t>(layout_.correct),
          static_cast<std::size_t>(layout_.rows)};
}

void Runner::activate_all(const Op& op, const Pass& pass, const float* bias) const {
  float* saved = pass.training() ? pass.value(op.saved) : nullptr;
  if (bias == nullptr && saved == nullptr && op.activation == Activation::identity) return;
  const std::size_t count = pass.count(op.y);
  device_.launch(BiasActivation{pass.value(op.y), saved, bias, pass.stride(), pass.parameter_stride,
                                count, pass.columns(op.y), op.activation},
                 teams(count, elements_per_team), pass.lanes());
}

void Runner::forward(const Op& op, const Pass& pass) const {
  const int lanes = pass.lanes();
  float* y = pass.value(op.y);
  const float* x = op.x == no_tensor ? nullptr : pass.read(op.x);
  switch (op.kind) {
    case OpKind::dense: {
      MatrixProduct product;
      product.m = pass.rows;
      product.n = pass.width(op.y);
      product.k = pass.width(op.x);
      product.a = x;
      product.b = pass.parameter(op.weight);
      product.c = y;
      product.a_stride = pass.stride(op.x);
      product.b_stride = pass.parameter_stride;
      product.c_stride = pass.stride();
      product.lanes = lanes;
      device_.product(product, layout_.training.precision);
      return activate_all(op, pass, pass.parameter(op.bias));
    }
    case OpKind::activate:
      copy(y, x, pass.count(op.x), pass);
      return activate_all(op, pass, nullptr);
    case OpKind::softmax:
      return device_.launch(Softmax{y, x, pass.stride(), pass.rows, pass.width(op.y)},
                            teams(static_cast<std::size_t>(pass.rows), rows_per_team), lanes);
    case OpKind::dropout:
      if (!pass.training()) {
        if (op.y != op.x) copy(y, x, pass.count(op.x), pass);
        return;
      }
      return device_.launch(Dropout{states(), y, x, pass.mask(op.mask), pass.stride(),
                                    plan_.workspace.stride, pass.count(op.x), op.number},
                            teams(pass.count(op.x), elements_per_team), lanes);
    case OpKind::batch_norm: {
      const bool relu = op.activation == Activation::relu;
      if (pass.training()) {
        device_.launch(
            BatchNormTraining{states(), pass.batch_norm(op), y, x, pass.column_rows(op.x),
                              pass.columns(op.x), relu,
                              frozen(op.mean) ? 0.0f : static_cast<float>(batch_norm_momentum),
                              static_cast<float>(batch_norm_epsilon)},
            pass.columns(op.x), lanes);
      } else {
        device_.launch(
            BatchNormEvaluation{pass.batch_norm(op), y, x, pass.column_rows(op.x),
                                pass.columns(op.x), relu, static_cast<float>(batch_norm_epsilon)},
            pass.columns(op.x), lanes);
      }
      if (!relu) activate_all(op, pass, nullptr);
      return;
    }
    case OpKind::add:
      device_.launch(Sum{y, x, pass.read(op.z), pass.stride(), pass.count(op.y)},
                     teams(pass.count(op.y), elements_per_team), lanes);
      return activate_all(op, pass, nullptr);
    case OpKind::conv:
      conv(op, pass);
      return activate_all(op, pass, pass.parameter(op.bias));
    case OpKind::pool:
      return device_.launch(
          Pool{pass.windows(op, op.x, op.y), y, x,
               op.mask == no_tensor || !pass.training() ? nullptr : pass.mask(op.mask),
               pass.stride(), plan_.workspace.stride, pass.count(op.y), op.pooling == Pooling::max},
          teams(pass.count(op.y), elements_per_team), lanes);
    case OpKind::place:
      return device_.launch(PlaceChannels{y, pass.value(op.x), pass.image(op.x), pass.columns(op.y),
                                          op.channel, pass.stride(), pass.count(op.x), false},
                            teams(pass.count(op.x), elements_per_team), lanes);
    case OpKind::pad_shortcut:
      return device_.launch(PadShortcut{pass.image(op.x), pass.image(op.y), y, x, pass.stride(),
                                        pass.count(op.y), op.window.stride},
                            teams(pass.count(op.y), elements_per_team), lanes);
    case OpKind::flatten:
      return copy(y, x, pass.count(op.x), pass);
    case OpKind::loss:
      return;
    default:
      refuse(op);
  }
}

void Runner::backward(const Op& op, const Pass& pass) const {
  const int lanes = pass.lanes();
  float* dy = pass.value(op.dy);
  float* dx = pass.value(op.dx);
  const auto product = [&](bool transpose_a, bool transpose_b, int m, int n, int k, const float* a,
                           const float* b, float* c, std::size_t b_stride, std::size_t c_stride) {
    device_.product({transpose_a, transpose_b, m, n, k, a, b, c, pass.stride(), b_stride, c_stride,
                     lanes, op.accumulate},
                    layout_.training.precision);
  };
  switch (op.kind) {
    case OpKind::activate_gradient: {
      const std::size_t count = pass.count(op.dy);
      if (op.activation != Activation::identity)
        device_.launch(ActivationGradient{dy, pass.value(op.y), pass.value(op.saved), pass.stride(),
                                          count, op.activation},
                       teams(count, elements_per_team), lanes);
      if (op.bias != no_tensor)
        device_.launch(
            BiasGradient{dy, pass.gradient(op.bias), pass.stride(), pass.parameter_stride,
                         pass.column_rows(op.dy), pass.columns(op.dy)},
            pass.columns(op.dy), lanes);
      return;
    }
    case OpKind::softmax_gradient:
      return device_.launch(
          SoftmaxGradient{dy, pass.value(op.y), pass.stride(), pass.rows, pass.width(op.dy)},
          teams(static_cast<std::size_t>(pass.rows), rows_per_team), lanes);
    case OpKind::dropout_gradient:
      return device_.launch(DropoutGradient{states(), dy, pass.mask(op.mask), pass.stride(),
                                            plan_.workspace.stride, pass.count(op.dy), op.number},
                            teams(pass.count(op.dy), elements_per_team), lanes);
    case OpKind::batch_norm_gradient:
      return device_.launch(
          BatchNormGradient{pass.batch_norm(op), dx, dy, pass.value(op.x), pass.gradient(op.weight),
                            pass.gradient(op.bias), pass.column_rows(op.dy), pass.columns(op.dy),
                            op.activation == Activation::relu},
          pass.columns(op.dy), lanes);
    case OpKind::dense_input_gradient:
      return product(false, true, pass.rows, pass.width(op.dx), pass.width(op.dy), dy,
                     pass.parameter(op.weight), dx, pass.parameter_stride, pass.stride());
    case OpKind::dense_weight_gradient:
      return product(true, false, pass.width(op.x), pass.width(op.dy), pass.rows, pass.value(op.x),
                     dy, pass.gradient(op.weight), pass.stride(), pass.parameter_stride);
    case OpKind::conv_input_gradient:
      return conv_input_gradient(op, pass);
    case OpKind::conv_weight_gradient:
      return conv_weight_gradient(op, pass);
    case OpKind::pool_gradient:
      return device_.launch(
          PoolGradient{pass.windows(op, op.dx, op.dy), dx, dy,
                       op.mask == no_tensor ? nullptr : pass.mask(op.mask), pass.stride(),
                       plan_.workspace.stride, pass.count(op.dx), op.accumulate},
          teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::place_gradient:
      return device_.launch(PlaceChannels{dy, dx, pass.image(op.dx), pass.columns(op.dy),
                                          op.channel, pass.stride(), pass.count(op.dx), true},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::pad_shortcut_gradient:
      return device_.launch(PadShortcutGradient{pass.image(op.dx), pass.image(op.dy), dx, dy,
                                                pass.stride(), pass.count(op.dx), op.window.stride},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::flatten_gradient:
    case OpKind::copy_gradient:
      return copy(dx, dy, pass.count(op.dx), pass);
    case OpKind::add_gradient:
      return device_.launch(Sum{dx, dx, dy, pass.stride(), pass.count(op.dx)},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    default:
      refuse(op);
  }
}

void Runner::apply_gradients() const {
  const Plan& plan = plan_;
  const int lanes = plan.options.lanes;
  const std::size_t stride = floats(plan.parameter.stride);
  const auto from = [&](const Region& region, std::size_t begin) {
    return at<float>(region) + begin;
  };
  const auto blocks = static_cast<std::size_t>(layout_.partial_blocks);
  std::size_t block = 0;
  for (const auto& [begin, end] : layout_.training.learning) {
    const int each = teams(end - begin, elements_per_team);
    device_.launch(
        PartialSquares{from(plan.gradient, begin), partial() + block, stride, blocks, end - begin},
        each, lanes);
    block += static_cast<std::size_t>(each);
  }
  device_.launch(FinishGradient{states(), partial(), blocks, static_cast<int>(block)}, 1, lanes);
  for (const auto& [begin, end] : layout_.training.learning) {
    UpdateWeights update{states(),
                         layout_.training.optimizer,
                         from(plan.parameter, begin),
                         from(plan.gradient, begin),
                         {},
                         nullptr,
                         stride,
                         end - begin};
    for (int s = 0; s < plan.options.optimizer_states; ++s)
      update.states[s] = from(plan.state[s], begin);
    if (plan.options.average) update.average = from(plan.average, begin);
    device_.launch(update, teams(end - begin, elements_per_team), lanes);
  }
  device_.launch(Advance{states()}, 1, lanes);
}

void Runner::update(const ResidentPart& part) const {
  const Graph& graph = plan_.graph;
  const int lanes = plan_.options.lanes;
  const Pass pass{plan_,
                  plan_.training,
                  memory_ + plan_.workspace.offset,
                  reinterpret_cast<const float*>(memory_ + plan_.parameter.offset),
                  reinterpret_cast<float*>(memory_ + plan_.gradient.offset),
                  reinterpret_cast<float*>(memory_ + plan_.statistic.offset),
                  floats(plan_.parameter.stride),
                  floats(plan_.statistic.stride),
                  plan_.options.batch};
  const BatchOrder order{states(), part.n, pass.rows, layout_.training.updates_per_epoch};
  if (layout_.training.augment) {
    device_.launch(GatherAugmented{order, part.x, pass.value(graph.input), pass.stride()},
                   pass.rows, lanes);
  } else {
    device_.launch(
        GatherRows{order, part.x, pass.value(graph.input), pass.stride(), pass.width(graph.input)},
        pass.rows, lanes);
  }
  for (const Op& op : graph.forward) forward(op, pass);

  float* outputs = pass.value(graph.outputs);
  const int units = pass.width(graph.outputs);
  const int row_teams = teams(static_cast<std::size_t>(pass.rows), rows_per_team);
  if (part.labels == nullptr) {
    device_.launch(GatherRows{order, part.targets, pass.value(graph.targets), pass.stride(), units},
                   pass.rows, lanes);
    device_.launch(NumberLoss{outputs, pass.value(graph.targets), row_losses(), pass.stride(),
                              pass.stride(), pass.rows, units, true},
                   row_teams, lanes);
  } else {
    auto* labels = reinterpret_cast<std::int32_t*>(pass.value(graph.targets));
    device_.launch(GatherLabels{order, part.labels, labels, pass.stride()}, 1, lanes);
    device_.launch(ClassLoss{states(), outputs, labels, row_losses(), pass.stride(), pass.stride(),
                             pass.rows, units, layout_.training.loss, true},
                   row_teams, lanes);
  }
  device_.launch(LossSums{states(), row_losses(), pass.rows, nullptr}, 1, lanes);
  for (const Op& op : graph.backward) backward(op, pass);
  apply_gradients();
}

void Runner::evaluate(const ResidentPart& part, const Region& parameters,
                      const Region& statistics) const {
  const Graph& graph = plan_.graph;
  const int lanes = plan_.options.lanes;
  device_.fill(sums(), 0, static_cast<std::size_t>(lanes) * sizeof(LaneSums));
  Pass pass{plan_,
            plan_.evaluation,
            memory_ + plan_.workspace.offset,
            reinterpret_cast<const float*>(memory_ + parameters.offset),
            nullptr,
            reinterpret_cast<float*>(memory_ + statistics.offset),
            floats(parameters.stride),
            floats(statistics.stride),
            0};
  const auto features = static_cast<std::size_t>(pass.width(graph.input));
  const auto units = static_cast<std::size_t>(pass.width(graph.outputs));
  for (int first = 0; first < part.n; first += pass.rows) {
    pass.rows = std::min(plan_.options.evaluation_rows, part.n - first);
    const auto from = static_cast<std::size_t>(first);
    const float* examples = part.x + from * features;
    if (plan_.options.evaluation_input) {
      const std::size_t count = pass.count(graph.input);
      device_.launch(Copy{pass.value(graph.input), examples, pass.stride(), 0, count},
                     teams(count, elements_per_team), lanes);
    } else {
      pass.input = examples;
    }
    for (const Op& op : graph.forward) forward(op, pass);
    float* outputs = pass.value(graph.outputs);
    const int row_teams = teams(static_cast<std::size_t>(pass.rows), rows_per_team);
    if (part.labels == nullptr) {
      device_.launch(NumberLoss{outputs, part.targets + from * units, row_losses(), pass.stride(),
                                0, pass.rows, static_cast<int>(units), false},
                     row_teams, lanes);
    } else {
      device_.launch(ClassLoss{states(), outputs, part.labels + from, row_losses(), pass.stride(),
                               0, pass.rows, static_cast<int>(units), layout_.training.loss, false},
                     row_teams, lanes);
    }
    device_.launch(LossSums{nullptr, row_losses(), pass.rows, sums()}, 1, lanes);
  }
  const auto blocks = static_cast<std::size_t>(layout_.partial_blocks);
  const int each = teams(plan_.parameter_floats, elements_per_team);
  device_.launch(PartialSquares{at<float>(plan_.parameter), partial(),
                                floats(plan_.parameter.stride), blocks, plan_.parameter_floats},
                 each, lanes);
  device_.launch(SumSquares{sums(), partial(), blocks, each}, 1, lanes);
}

}  // namespace vernier::engine::cuda
