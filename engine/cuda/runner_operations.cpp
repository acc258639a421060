// Each operation of a plan as launches: dense layers with what their product can do besides, and the rest.
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

void Runner::copy(const Cells& to, const ConstCells& from, std::size_t count,
                  const Pass& pass) const {
  device_.launch(Copy{to, from, count}, teams(count, elements_per_team), pass.lanes());
}

void Runner::activate_all(const Op& op, const Pass& pass, const float* bias) const {
  const Cells saved = pass.training() ? pass.value(op.saved) : Cells{};
  if (bias == nullptr && !saved && op.activation == Activation::identity) return;
  const std::size_t count = pass.count(op.y);
  device_.launch(BiasActivation{pass.value(op.y), saved, bias, pass.parameter_stride, count,
                                pass.columns(op.y), op.activation},
                 teams(count, elements_per_team), pass.lanes());
}

MatrixProduct Runner::dense_product(const Op& op, const Pass& pass) const {
  MatrixProduct product;
  product.m = pass.rows;
  product.n = pass.width(op.y);
  product.k = pass.width(op.x);
  product.a = pass.read(op.x);
  product.b = pass.weight(op.weight);
  product.c = pass.value(op.y);
  product.lanes = pass.lanes();
  return product;
}

/// The product with the operation's mask, where it has one, and its epilogue.
void Runner::add_epilogue(MatrixProduct& product, const Op& op, const Pass& pass,
                          Epilogue epilogue) const {
  product.epilogue = epilogue;
  if (has_bias(epilogue)) product.bias = pass.weight(op.bias);
  if (epilogue == Epilogue::relu_gradient_bias) {
    product.bias_gradient = pass.gradient(op.bias);
    product.bias_gradient_stride = pass.parameter_stride;
  }
  if (has_mask(epilogue)) {
    product.mask = pass.mask(op.mask);
    product.mask_stride = plan_.workspace.stride;
  }
}

void Runner::dense(const Op& op, const Pass& pass) const {
  MatrixProduct product = dense_product(op, pass);
  MatrixProduct fused = product;
  const bool masked = pass.training() && shares_mask(op.mask, pass);
  add_epilogue(fused, op, pass, forward_epilogue(op.activation, op.bias != no_tensor, masked));
  const Precision precision = layout_.training.precision;
  if (fused.epilogue != Epilogue::none && device_.offers(fused, precision))
    return device_.product(fused, precision);
  device_.product(product, precision);
  activate_all(op, pass, pass.parameter(op.bias));
}

MatrixProduct Runner::dense_input_gradient(const Op& op, const Pass& pass) const {
  MatrixProduct product;
  product.transpose_b = true;
  product.m = pass.rows;
  product.n = pass.width(op.dx);
  product.k = pass.width(op.dy);
  product.a = pass.value(op.dy);
  product.b = pass.weight(op.weight);
  product.c = pass.value(op.dx);
  product.lanes = pass.lanes();
  product.accumulate = op.accumulate;
  return product;
}

MatrixProduct Runner::masked_gradient(const Op& op, const Pass& pass) const {
  MatrixProduct product = dense_input_gradient(op, pass);
  add_epilogue(product, op, pass,
               gradient_epilogue(op.bias != no_tensor, product.c.number == Number::fp32));
  return product;
}

/// Whether the device has both products that make and use a mask: it is of no use to one of them alone.
bool Runner::shares_mask(TensorId mask, const Pass& pass) const {
  if (mask == no_tensor) return false;
  const Precision precision = layout_.training.precision;
  for (const Op& op : plan_.graph.forward) {
    if (op.kind != OpKind::dense || op.mask != mask) continue;
    MatrixProduct product = dense_product(op, pass);
    add_epilogue(product, op, pass, forward_epilogue(op.activation, op.bias != no_tensor, true));
    if (!device_.offers(product, precision)) return false;
  }
  for (const Op& op : plan_.graph.backward) {
    if (op.kind == OpKind::dense_input_gradient && op.mask == mask &&
        !device_.offers(masked_gradient(op, pass), precision))
      return false;
  }
  return true;
}

void Runner::forward(const Op& op, const Pass& pass) const {
  const int lanes = pass.lanes();
  const Cells y = pass.value(op.y);
  const ConstCells x = op.x == no_tensor ? ConstCells{} : pass.read(op.x);
  switch (op.kind) {
    case OpKind::dense:
      return dense(op, pass);
    case OpKind::activate:
      copy(y, x, pass.count(op.x), pass);
      return activate_all(op, pass, nullptr);
    case OpKind::softmax:
      return device_.launch(Softmax{y, x, pass.rows, pass.width(op.y)},
                            teams(static_cast<std::size_t>(pass.rows), rows_per_team), lanes);
    case OpKind::dropout:
      if (!pass.training()) {
        if (op.y != op.x) copy(y, x, pass.count(op.x), pass);
        return;
      }
      return device_.launch(Dropout{states(), y, x, pass.mask(op.mask), plan_.workspace.stride,
                                    pass.count(op.x), op.number, pass.columns(op.x)},
                            teams(pass.count(op.x), elements_per_team), lanes);
    case OpKind::batch_norm:
      return batch_norm(op, pass);
    case OpKind::add:
      device_.launch(Sum{y, x, pass.read(op.z), pass.count(op.y)},
                     teams(pass.count(op.y), elements_per_team), lanes);
      return activate_all(op, pass, nullptr);
    case OpKind::conv:
      conv(op, pass);
      return activate_all(op, pass, pass.parameter(op.bias));
    case OpKind::pool:
      return device_.launch(
          Pool{pass.windows(op, op.x, op.y), y, x,
               op.mask == no_tensor || !pass.training() ? nullptr : pass.mask(op.mask),
               plan_.workspace.stride, pass.count(op.y), op.pooling == Pooling::max},
          teams(pass.count(op.y), elements_per_team), lanes);
    case OpKind::place:
      return device_.launch(PlaceChannels{y, pass.value(op.x), pass.image(op.x), pass.columns(op.y),
                                          op.channel, pass.count(op.x), false},
                            teams(pass.count(op.x), elements_per_team), lanes);
    case OpKind::pad_shortcut:
      return device_.launch(
          PadShortcut{pass.image(op.x), pass.image(op.y), y, x, pass.count(op.y), op.window.stride},
          teams(pass.count(op.y), elements_per_team), lanes);
    case OpKind::flatten:
      return copy(y, x, pass.count(op.x), pass);
    case OpKind::loss:
      return;
    default:
      refuse(op);
  }
}

void Runner::batch_norm(const Op& op, const Pass& pass) const {
  const bool relu = op.activation == Activation::relu;
  const Cells y = pass.value(op.y);
  const ConstCells x = pass.read(op.x);
  const int rows = pass.column_rows(op.x), columns = pass.columns(op.x);
  const auto epsilon = static_cast<float>(batch_norm_epsilon);
  if (pass.training()) {
    const float momentum = frozen(op.mean) ? 0.0f : static_cast<float>(batch_norm_momentum);
    device_.launch(BatchNormTraining{states(), pass.batch_norm(op), y, x, rows, columns, relu,
                                     momentum, epsilon},
                   columns, pass.lanes());
  } else {
    device_.launch(BatchNormEvaluation{pass.batch_norm(op), y, x, rows, columns, relu, epsilon},
                   columns, pass.lanes());
  }
  if (!relu) activate_all(op, pass, nullptr);
}

void Runner::activation_gradient(const Op& op, const Pass& pass) const {
  const Cells dy = pass.value(op.dy);
  const bool masked = shares_mask(op.mask, pass);  // then a product has done it
  const std::size_t count = pass.count(op.dy);
  if (op.activation != Activation::identity && !masked)
    device_.launch(
        ActivationGradient{dy, pass.value(op.y), pass.value(op.saved), count, op.activation},
        teams(count, elements_per_team), pass.lanes());
  if (op.bias == no_tensor || (masked && dy.number == Number::fp32)) return;
  device_.launch(BiasGradient{dy, pass.gradient(op.bias), pass.parameter_stride,
                              pass.column_rows(op.dy), pass.columns(op.dy)},
                 pass.columns(op.dy), pass.lanes());
}

void Runner::backward(const Op& op, const Pass& pass) const {
  const int lanes = pass.lanes();
  const Cells dy = pass.value(op.dy), dx = pass.value(op.dx);
  switch (op.kind) {
    case OpKind::activate_gradient:
      return activation_gradient(op, pass);
    case OpKind::softmax_gradient:
      return device_.launch(SoftmaxGradient{dy, pass.value(op.y), pass.rows, pass.width(op.dy)},
                            teams(static_cast<std::size_t>(pass.rows), rows_per_team), lanes);
    case OpKind::dropout_gradient:
      return device_.launch(DropoutGradient{states(), dy, pass.mask(op.mask),
                                            plan_.workspace.stride, pass.count(op.dy), op.number},
                            teams(pass.count(op.dy), elements_per_team), lanes);
    case OpKind::batch_norm_gradient:
      return device_.launch(
          BatchNormGradient{pass.batch_norm(op), dx, dy, pass.value(op.x), pass.gradient(op.weight),
                            pass.gradient(op.bias), pass.column_rows(op.dy), pass.columns(op.dy),
                            op.activation == Activation::relu},
          pass.columns(op.dy), lanes);
    case OpKind::dense_input_gradient:
      return device_.product(
          shares_mask(op.mask, pass) ? masked_gradient(op, pass) : dense_input_gradient(op, pass),
          layout_.training.precision);
    case OpKind::dense_weight_gradient: {
      MatrixProduct product;
      product.transpose_a = true;
      product.m = pass.width(op.x);
      product.n = pass.width(op.dy);
      product.k = pass.rows;
      product.a = pass.value(op.x);
      product.b = dy;
      product.c = pass.gradient_cells(op.weight);
      product.lanes = lanes;
      return device_.product(product, layout_.training.precision);
    }
    case OpKind::conv_input_gradient:
      return conv_input_gradient(op, pass);
    case OpKind::conv_weight_gradient:
      return conv_weight_gradient(op, pass);
    case OpKind::pool_gradient:
      return device_.launch(PoolGradient{pass.windows(op, op.dx, op.dy), dx, dy,
                                         op.mask == no_tensor ? nullptr : pass.mask(op.mask),
                                         plan_.workspace.stride, pass.count(op.dx), op.accumulate},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::place_gradient:
      return device_.launch(PlaceChannels{dy, dx, pass.image(op.dx), pass.columns(op.dy),
                                          op.channel, pass.count(op.dx), true},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::pad_shortcut_gradient:
      return device_.launch(PadShortcutGradient{pass.image(op.dx), pass.image(op.dy), dx, dy,
                                                pass.count(op.dx), op.window.stride},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    case OpKind::flatten_gradient:
    case OpKind::copy_gradient:
      return copy(dx, dy, pass.count(op.dx), pass);
    case OpKind::add_gradient:
      return device_.launch(Sum{dx, dx, dy, pass.count(op.dx)},
                            teams(pass.count(op.dx), elements_per_team), lanes);
    default:
      refuse(op);
  }
}

}  // namespace vernier::engine::cuda
