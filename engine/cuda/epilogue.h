// What a product does with its result before that is written (cuBLASLt's epilogues): a pass over memory and a launch fewer. Which one an
// operation may have is decided here, from the graph alone; a device that offers none for a shape is given the separate kernels
// (Device::offers).
#pragma once
#include <cstdint>

#include "engine/math/activations.h"

// Not included: nvcc reads this file.
namespace vernier::engine {
struct Graph;
struct Op;
}  // namespace vernier::engine

namespace vernier::engine::cuda {

enum class Epilogue : std::uint8_t {
  none,
  bias,                // c + bias
  relu,                // max(c, 0)
  bias_relu,           // max(c + bias, 0)
  relu_mask,           // relu, and the mask: a bit each, set where the result is positive
  bias_relu_mask,      // likewise
  relu_gradient,       // c where the mask's bit is set, else 0
  relu_gradient_bias,  // likewise; bias_gradient = the sums of its columns
};

/// Of y = act(x W + b). Of the activations only relu: cuBLAS' gelu is the tanh approximation, ours the exact one; and where a kernel must come
/// anyway, it adds the bias too. `mask`: whether the backward pass wants one.
Epilogue forward_epilogue(Activation act, bool bias, bool mask);

/// Of the gradient that goes through a relu; bias gradients are float, as a product's are only where its result is.
Epilogue gradient_epilogue(bool bias, bool result_is_float);

bool has_bias(Epilogue epilogue);
bool has_mask(Epilogue epilogue);

/// Bytes of a row of the mask: whole groups of 128 bits.
constexpr int mask_row_bytes(int columns) { return (columns + 127) / 128 * 16; }

/// Finds layers y = relu(x W + b) whose gradient goes straight from a dense layer's input gradient through the relu, and gives both operations
/// (and the activate_gradient that follows) a mask in common, with the bias on the input gradient: what then can be one product. Whether a
/// back end does so is its own choice; the graph computes the same either way.
void share_relu_masks(Graph& graph);

}  // namespace vernier::engine::cuda
