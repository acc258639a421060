// Apart from epilogue.cpp, which is in the CUDA module too: the graph is the program's.
#include <algorithm>

#include "engine/cuda/epilogue.h"
#include "engine/ir/graph.h"

namespace vernier::engine::cuda {
namespace {

/// The last of the operations before `behind` that has to do with a tensor; null: none.
Op* last_with(std::vector<Op>& ops, std::size_t behind, TensorId tensor) {
  for (std::size_t i = behind; i-- > 0;) {
    const auto used = tensors_of(ops[i]);
    if (std::find(used.begin(), used.end(), tensor) != used.end()) return &ops[i];
  }
  return nullptr;
}

}  // namespace

void share_relu_masks(Graph& graph) {
  for (std::size_t i = 0; i < graph.backward.size(); ++i) {
    Op& gradient = graph.backward[i];
    if (gradient.kind != OpKind::activate_gradient || gradient.activation != Activation::relu)
      continue;
    Op* from = last_with(graph.backward, i, gradient.dy);
    if (from == nullptr || from->kind != OpKind::dense_input_gradient || from->dx != gradient.dy ||
        from->accumulate)
      continue;
    Op& product = *from;
    const auto layer = std::find_if(graph.forward.begin(), graph.forward.end(), [&](const Op& op) {
      return op.kind == OpKind::dense && op.activation == Activation::relu && op.y == gradient.y;
    });
    if (layer == graph.forward.end()) continue;
    const Tensor& y = graph.at(layer->y);
    const int bytes = mask_row_bytes(y.shape[0]);
    graph.tensors.push_back({y.name + ".positive", {bytes}, Role::value, true, true, {}, 0});
    layer->mask = product.mask = gradient.mask = static_cast<TensorId>(graph.tensors.size()) - 1;
    product.bias = gradient.bias;
  }
}

}  // namespace vernier::engine::cuda
