// A convolution as cuDNN computes it: one lane's images at a time, filters as (filters, rows, columns, channels). Which convolutions are asked of
// it is decided here from the shapes alone, so that a lane's bits do not depend on how many lanes there are or on what was measured; the
// others are products of unfolded windows, as are all where the device has no cuDNN or cuDNN no algorithm.
#pragma once
#include "engine/cuda/cells.h"
#include "engine/cuda/kernels/images.h"

// Not included: nvcc reads this file.
namespace vernier::engine {
struct Graph;
struct Op;
}  // namespace vernier::engine

namespace vernier::engine::cuda {

enum class ConvolutionKind : std::uint8_t {
  forward,          // y from x and filters
  input_gradient,   // x from y and filters
  weight_gradient,  // filters from x and y
};

/// All three of one kind of number; sums are float. x (rows, w.input), y (rows, w.output), filters (w.output.channels, w.height, w.width,
/// w.input.channels).
struct Convolution {
  ConvolutionKind kind = ConvolutionKind::forward;
  Windows w{};
  int rows = 0;
  int lanes = 1;
  Cells x, filters, y;  // what is not the result is only read
};

/// Below so many channels or filters a convolution alone does not fill a tensor core's tile, and many lanes' products side by side do.
inline constexpr int least_channels_by_cudnn = 16;
bool by_cudnn(const Graph& graph, const Op& op);

/// Rows and columns of zeros before the image and behind it: the same where that gives the same output, as cuDNN has more algorithms then.
struct Padding {
  int before = 0, behind = 0;
};
Padding padding_of(int input, int output, int length, int stride, int before);

}  // namespace vernier::engine::cuda
