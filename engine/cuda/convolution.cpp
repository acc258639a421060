#include "engine/cuda/convolution.h"

#include <algorithm>

#include "engine/ir/graph.h"

namespace vernier::engine::cuda {

bool by_cudnn(const Graph& graph, const Op& op) {
  const bool forward = op.kind == OpKind::conv;
  if (!forward && op.kind != OpKind::conv_input_gradient && op.kind != OpKind::conv_weight_gradient)
    return false;
  if (op.x == graph.input) return false;  // in evaluation examples begin at any address
  const Shape& weights = graph.at(op.weight).shape;
  return op.groups == 1 && !op.accumulate && op.window.height * op.window.width > 1 &&
         std::min(weights[2], weights[3]) >= least_channels_by_cudnn;
}

Padding padding_of(int input, int output, int length, int stride, int before) {
  if ((input + 2 * before - length) / stride + 1 == output) return {before, before};
  return {before, std::max(0, (output - 1) * stride + length - input - before)};
}

}  // namespace vernier::engine::cuda
