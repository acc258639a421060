// The operation graph of one training update: tensors, forward operations, and the backward operations that the static
// reverse table (reverse.h) derives from them. Every tensor has a leading lane dimension: parameters [T, ...], values [T, N, ...];
// the shapes kept here are what follows those.
//
// Fused and in place by construction: an activation after dense or batch norm is part of that operation; gradients of
// values are transformed where they stand, so that only a dense layer makes a new one.
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
  bool bytes = false;        // uint8 (dropout masks), else float
  InitRule init;             // parameters and statistics
  std::uint32_t number = 0;  // parameters: counts from 0; selects the random bits of initialisation
};

enum class OpKind : std::uint8_t {
  dense,                 // y = act(x W + b); saved = x W + b where the slope needs it
  activate,              // y = act(x)
  softmax,               // y = softmax(x), over units
  dropout,               // y = x * mask / (1 - rate); y may be x
  batch_norm,            // x becomes the normalised x; y = act(gain x + shift); saved as in dense
  loss,                  // x (outputs) becomes d loss / d x; y: the targets
  activate_gradient,     // dy *= act'; bias gradient = sum over the batch
  softmax_gradient,      // dy = y (dy - sum(dy y))
  dropout_gradient,      // dy *= mask / (1 - rate)
  batch_norm_gradient,   // dy becomes dx; gradients of gain and shift
  dense_input_gradient,  // dx = dy W^T
  dense_weight_gradient  // gradient of W = x^T dy
};
inline constexpr int op_kinds = 12;

struct Op {
  OpKind kind = OpKind::dense;
  int layer = 0;  // of the architecture, for messages
  Activation activation = Activation::identity;
  TensorId x = no_tensor, y = no_tensor;          // values
  TensorId dx = no_tensor, dy = no_tensor;        // gradients of values
  TensorId weight = no_tensor, bias = no_tensor;  // batch norm: gain and shift
  TensorId saved = no_tensor;                     // input of the activation
  TensorId mask = no_tensor;
  TensorId mean = no_tensor, variance = no_tensor;  // running statistics
  TensorId deviation = no_tensor;  // batch norm: 1 / sqrt(batch variance + epsilon)
  double rate = 0;
  int number = 0;  // dropout
};

struct Graph {
  std::vector<Tensor> tensors;
  std::vector<Op> forward;  // ends with the loss
  std::vector<Op>
      backward;  // from the gradient of the outputs; a weight's gradient comes after its last use
  TensorId input = no_tensor;    // [T, N, features]
  TensorId outputs = no_tensor;  // [T, N, outputs]; after `loss` its gradient
  TensorId targets =
      no_tensor;  // [T, N, outputs]: room for the batch's labels (int32, the first N) or numbers
};

/// Every tensor an operation reads or writes but for parameters' gradients.
std::vector<TensorId> tensors_of(const Op& op);

/// Checks all shapes. Dropout layers of rate 0 vanish. Throws UsageError.
Graph build_graph(const Architecture& architecture);

}  // namespace vernier::engine
