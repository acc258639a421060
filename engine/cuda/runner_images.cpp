// Convolutions as products: the windows of some examples side by side (Unfold), then as in a dense layer.
#include <algorithm>

#include "engine/cuda/runner_pass.h"

namespace vernier::engine::cuda {

/// Some examples at a time: visit(first of them, their number).
template <class Visit>
void Runner::each_unfolded(const Op& op, const Pass& pass, Visit&& visit) const {
  const int most = unfolded_rows(unfolded_floats(plan_.graph, op));
  const int each = most > 0 ? most : pass.rows;
  for (int first = 0; first < pass.rows; first += each)
    visit(static_cast<std::size_t>(first), std::min(each, pass.rows - first));
}

/// The windows of `rows` examples from `first` on, as a matrix (pixels of the output, weights of a filter), and how far it is to the next
/// lane's.
std::pair<const float*, std::size_t> Runner::unfold(const Op& op, const Pass& pass,
                                                    const Windows& w, std::size_t first,
                                                    int rows) const {
  const float* x = pass.read(op.x) + first * w.input.count();
  const std::size_t each = unfolded_floats(plan_.graph, op);
  if (each == 0) return {x, pass.stride(op.x)};
  float* to = pass.value(op.scratch);
  const std::size_t count = each * static_cast<std::size_t>(rows);
  device_.launch(Unfold{w, to, x, pass.stride(), pass.stride(op.x), count},
                 teams(count, elements_per_team), pass.lanes());
  return {to, pass.stride()};
}

void Runner::conv(const Op& op, const Pass& pass) const {
  const Windows w = pass.windows(op, op.x, op.y);
  each_unfolded(op, pass, [&](std::size_t first, int rows) {
    const auto [seen, stride] = unfold(op, pass, w, first, rows);
    MatrixProduct product;
    product.m = rows * static_cast<int>(w.output.area());
    product.n = w.output.channels;
    product.k = w.taps() * w.input.channels;
    product.a = seen;
    product.b = pass.parameter(op.weight);
    product.c = pass.value(op.y) + first * w.output.count();
    product.a_stride = stride;
    product.b_stride = pass.parameter_stride;
    product.c_stride = pass.stride();
    product.lanes = pass.lanes();
    device_.product(product, layout_.training.precision);
  });
}

void Runner::conv_weight_gradient(const Op& op, const Pass& pass) const {
  const Windows w = pass.windows(op, op.x, op.dy);
  each_unfolded(op, pass, [&](std::size_t first, int rows) {
    const auto [seen, stride] = unfold(op, pass, w, first, rows);
    MatrixProduct product;
    product.transpose_a = true;
    product.m = w.taps() * w.input.channels;
    product.n = w.output.channels;
    product.k = rows * static_cast<int>(w.output.area());
    product.a = seen;
    product.b = pass.value(op.dy) + first * w.output.count();
    product.c = pass.gradient(op.weight);
    product.a_stride = stride;
    product.b_stride = pass.stride();
    product.c_stride = pass.parameter_stride;
    product.lanes = pass.lanes();
    product.accumulate = first > 0;
    device_.product(product, layout_.training.precision);
  });
}

void Runner::conv_input_gradient(const Op& op, const Pass& pass) const {
  const Windows w = pass.windows(op, op.dx, op.dy);
  const bool direct = unfolded_floats(plan_.graph, op) == 0;
  each_unfolded(op, pass, [&](std::size_t first, int rows) {
    float* dx = pass.value(op.dx) + first * w.input.count();
    float* to = direct ? dx : pass.value(op.scratch);
    MatrixProduct product;
    product.transpose_b = true;
    product.m = rows * static_cast<int>(w.output.area());
    product.n = w.taps() * w.input.channels;
    product.k = w.output.channels;
    product.a = pass.value(op.dy) + first * w.output.count();
    product.b = pass.parameter(op.weight);
    product.c = to;
    product.a_stride = product.c_stride = pass.stride();
    product.b_stride = pass.parameter_stride;
    product.lanes = pass.lanes();
    product.accumulate = direct && op.accumulate;
    device_.product(product, layout_.training.precision);
    if (direct) return;
    const std::size_t count = w.input.count() * static_cast<std::size_t>(rows);
    device_.launch(Fold{w, dx, to, pass.stride(), count, op.accumulate},
                   teams(count, elements_per_team), pass.lanes());
  });
}

}  // namespace vernier::engine::cuda
