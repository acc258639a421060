// The operation graph of one training update: tensors, forward operations, and the backward operations that the static
// reverse table (reverse.h) derives from them. Every tensor has a leading lane dimension: parameters [T, ...], values [T, N, ...];
// the shapes kept here are what follows those. How an image (height, width, channels) lies in memory is the back end's own choice.
//
// Fused and in place by construction: an activation after dense, convolution, batch norm or a sum is part of that operation; gradients
// of values are transformed where they stand, unless another branch needs them as they were.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/ir/architecture.h"

namespace vernier::engine {

using TensorId = int;
inline constexpr TensorId no_tensor = -1;

enum class Role : std::uint8_t {
  value,      // activations and their gradients: live between first and last use
  parameter,  // learned; has a gradient and optimizer states of the same layout
  statistic,  // running mean and variance: kept and saved, not learned
};

struct Tensor {
  std::string name;
  Shape shape;  // of one example (per_example), else of one lane
  Role role = Role::value;
  bool per_example = false;  // has the batch dimension
  bool bytes = false;        // uint8 (dropout masks, places of maxima), else float
  InitRule init;             // parameters and statistics
  std::uint32_t number = 0;  // parameters: counts from 0; selects the random bits of initialisation

  bool image() const { return per_example && shape.size() == 3; }
};

enum class OpKind : std::uint8_t {
  dense,              // y = act(x W + b); saved = x W + b where the slope needs it
  conv,               // likewise with images
  activate,           // y = act(x)
  softmax,            // y = softmax(x), over units
  dropout,            // y = x * mask / (1 - rate); y may be x
  batch_norm,         // y = act(gain (x - batch mean) deviation + shift); saved as in dense
  pool,               // y = maximum (mask: its place in the window) or average of windows of x
  add,                // y = act(x + z); y may be x
  place,              // y's channels from `channel` on = x
  pad_shortcut,       // y = every stride-th row and column of x, zeros in further channels
  flatten,            // y (units) = x (an image)
  loss,               // x (outputs) becomes d loss / d x; y: the targets
  activate_gradient,  // dy *= act'; bias gradient = sum over the batch
  softmax_gradient,   // dy = y (dy - sum(dy y))
  dropout_gradient,   // dy *= mask / (1 - rate)
  batch_norm_gradient,  // dx from dy act' (identity and relu only); gradients of gain and shift; dx may be dy
  dense_input_gradient,   // dx = dy W^T
  dense_weight_gradient,  // gradient of W = x^T dy
  conv_input_gradient,
  conv_weight_gradient,
  pool_gradient,   // dx = dy at the maximum's place, or its share
  place_gradient,  // dx = dy's channels from `channel` on
  pad_shortcut_gradient,
  flatten_gradient,  // dx (an image) = dy (units)
  copy_gradient,     // dx = dy
  add_gradient,      // dx += dy
};

struct Op {
  OpKind kind = OpKind::dense;
  Activation activation = Activation::identity;
  TensorId x = no_tensor, y = no_tensor;          // values
  TensorId z = no_tensor;                         // add: the second input
  TensorId dx = no_tensor, dy = no_tensor;        // gradients of values
  TensorId weight = no_tensor, bias = no_tensor;  // batch norm: gain and shift
  TensorId saved = no_tensor;                     // input of the activation
  TensorId mask = no_tensor;
  TensorId mean = no_tensor, variance = no_tensor;  // running statistics
  TensorId batch_mean = no_tensor;                  // of this batch
  TensorId deviation = no_tensor;  // batch norm: 1 / sqrt(batch variance + epsilon)
  TensorId scratch = no_tensor;    // room that the back end asked for (PlanOptions)
  bool accumulate = false;         // input gradients: dx += in place of dx =
  Window window;
  int groups = 1;
  Pooling pooling = Pooling::max;
  int channel = 0;  // place
  double rate = 0;
  int number = 0;  // dropout
};

struct Graph {
  std::vector<Tensor> tensors;
  std::vector<Op> forward;  // ends with the loss
  std::vector<Op>
      backward;  // from the gradient of the outputs; a weight's gradient comes after its last use
  TensorId input = no_tensor;    // [T, N, features], or images where the first layer takes them
  TensorId outputs = no_tensor;  // [T, N, outputs]; after `loss` its gradient
  TensorId targets =
      no_tensor;  // [T, N, outputs]: room for the batch's labels (int32, the first N) or numbers

  const Tensor& at(TensorId id) const { return tensors[static_cast<std::size_t>(id)]; }
};

/// Every tensor an operation reads or writes but for parameters' gradients.
std::vector<TensorId> tensors_of(const Op& op);

/// Checks all shapes. Dropout layers of rate 0 vanish. Throws UsageError.
Graph build_graph(const Architecture& architecture);

}  // namespace vernier::engine
