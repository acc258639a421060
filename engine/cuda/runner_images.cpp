// Convolutions: by cuDNN, a lane at a time, or as products: the windows of some examples side by side (Unfold), then as in a dense layer, groups
// of channels one after the other.
#include <algorithm>

#include "engine/cuda/runner_pass.h"

namespace vernier::engine::cuda {

/// Some examples at a time, each group of channels of them.
struct Runner::Windowed {
  Windows w;
  std::size_t first;  // example
  int rows;
  int group, groups;
  bool direct;  // products read and write the images themselves

  int channels() const { return w.input.channels / groups; }
  int filters() const { return w.output.channels / groups; }
  int first_channel() const { return group * channels(); }
  int pixels() const { return rows * static_cast<int>(w.output.area()); }
  int taps() const { return w.taps() * channels(); }
  std::size_t count() const {
    return static_cast<std::size_t>(pixels()) * static_cast<std::size_t>(taps());
  }
  /// The group's part of an image of the output, of its weights.
  std::size_t first_output() const { return first * w.output.count() + first_weight(); }
  std::size_t first_weight() const { return static_cast<std::size_t>(group * filters()); }
};

template <class Visit>
void Runner::each_windowed(const Op& op, const Pass& pass, const Windows& w, Visit&& visit) const {
  const int most = unfolded_rows(unfolded_floats(plan_.graph, op));
  const int each = most > 0 ? most : pass.rows;
  for (int first = 0; first < pass.rows; first += each) {
    for (int group = 0; group < op.groups; ++group) {
      visit(Windowed{w, static_cast<std::size_t>(first), std::min(each, pass.rows - first), group,
                     op.groups, most == 0});
    }
  }
}

/// What the windows see, as a matrix (pixels of the output, weights of a filter).
ConstCells Runner::unfold(const Op& op, const Pass& pass, const Windowed& part) const {
  const ConstCells x = pass.read(op.x).from(part.first * part.w.input.count());
  if (part.direct) return x;
  const Cells to = pass.value(op.scratch, x.number);
  device_.launch(Unfold{part.w, to, x, part.count(), part.first_channel(), part.channels()},
                 teams(part.count(), elements_per_team), pass.lanes());
  return to;
}

/// As cuDNN is asked for it; a gradient of filters goes to the operation's scratch.
Convolution Runner::convolution(ConvolutionKind kind, const Op& op, const Pass& pass) const {
  const bool forward = kind == ConvolutionKind::forward;
  const TensorId input = kind == ConvolutionKind::input_gradient ? op.dx : op.x;
  const TensorId output = forward ? op.y : op.dy;
  Convolution convolution{
      kind, pass.windows(op, input, output), pass.rows, pass.lanes(), {}, {}, pass.value(output)};
  convolution.x = pass.value(input);
  const Number number = convolution.x.number;
  convolution.filters =
      kind == ConvolutionKind::weight_gradient
          ? pass.value(op.scratch, number)
          : Cells{at<std::byte>(layout_.turned), layout_.turned.stride / bytes_of(number), number}
                .from(pass.place(op.weight));
  return convolution;
}

bool Runner::cudnn_does(const Convolution& convolution, const Op& op) const {
  return by_cudnn(plan_.graph, op) && device_.offers(convolution, layout_.training.precision);
}

void Runner::turn_filters(const Op& op, const Convolution& to, const Pass& pass) const {
  const std::size_t count = elements(plan_.graph.at(op.weight).shape);
  device_.launch(
      TurnFilters{pass.weight(op.weight), to.filters, pass.columns(op.weight), count, false},
      teams(count, elements_per_team), pass.lanes());
}

void Runner::conv(const Op& op, const Pass& pass) const {
  if (const auto whole = convolution(ConvolutionKind::forward, op, pass); cudnn_does(whole, op)) {
    turn_filters(op, whole, pass);
    return device_.convolve(whole, layout_.training.precision);
  }
  each_windowed(op, pass, pass.windows(op, op.x, op.y), [&](const Windowed& part) {
    MatrixProduct product;
    product.m = part.pixels();
    product.n = part.filters();
    product.k = part.taps();
    product.a = unfold(op, pass, part);
    product.b = pass.weight(op.weight).from(part.first_weight());
    product.c = pass.value(op.y).from(part.first_output());
    product.b_row = product.c_row = part.w.output.channels;
    product.lanes = pass.lanes();
    device_.product(product, layout_.training.precision);
  });
}

void Runner::conv_weight_gradient(const Op& op, const Pass& pass) const {
  if (const auto whole = convolution(ConvolutionKind::weight_gradient, op, pass);
      cudnn_does(whole, op)) {
    device_.convolve(whole, layout_.training.precision);
    const std::size_t count = elements(plan_.graph.at(op.weight).shape);
    device_.launch(TurnFilters{whole.filters, pass.gradient_cells(op.weight),
                               pass.columns(op.weight), count, true},
                   teams(count, elements_per_team), pass.lanes());
    return;
  }
  each_windowed(op, pass, pass.windows(op, op.x, op.dy), [&](const Windowed& part) {
    MatrixProduct product;
    product.transpose_a = true;
    product.m = part.taps();
    product.n = part.filters();
    product.k = part.pixels();
    product.a = unfold(op, pass, part);
    product.b = pass.value(op.dy).from(part.first_output());
    product.c = pass.gradient_cells(op.weight).from(part.first_weight());
    product.b_row = product.c_row = part.w.output.channels;
    product.lanes = pass.lanes();
    product.accumulate = part.first > 0;
    device_.product(product, layout_.training.precision);
  });
}

void Runner::conv_input_gradient(const Op& op, const Pass& pass) const {
  if (const auto whole = convolution(ConvolutionKind::input_gradient, op, pass);
      cudnn_does(whole, op)) {
    turn_filters(op, whole, pass);
    return device_.convolve(whole, layout_.training.precision);
  }
  each_windowed(op, pass, pass.windows(op, op.dx, op.dy), [&](const Windowed& part) {
    const Cells dx = pass.value(op.dx).from(part.first * part.w.input.count());
    MatrixProduct product;
    product.transpose_b = true;
    product.m = part.pixels();
    product.n = part.taps();
    product.k = part.filters();
    product.a = pass.value(op.dy).from(part.first_output());
    product.b = pass.weight(op.weight).from(part.first_weight());
    product.c = part.direct ? dx : pass.value(op.scratch, Number::fp32);
    product.a_row = product.b_row = part.w.output.channels;
    product.lanes = pass.lanes();
    product.accumulate = part.direct && op.accumulate;
    device_.product(product, layout_.training.precision);
    if (part.direct) return;
    const std::size_t count = part.w.input.area() * static_cast<std::size_t>(part.channels()) *
                              static_cast<std::size_t>(part.rows);
    device_.launch(
        Fold{part.w, dx, product.c, count, part.first_channel(), part.channels(), op.accumulate},
        teams(count, elements_per_team), pass.lanes());
  });
}

}  // namespace vernier::engine::cuda
