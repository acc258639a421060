// Convolution of images as engine/plan/images.h lays them out: 16 examples are the vector axis, so that one set of loops serves every number
// of channels, window, stride, padding and group at the same speed; nothing is unfolded, and copied only what is
// small: the weights, and for the weight gradient of many filters a few rows of dy.
#pragma once
#include <cstddef>

#include "engine/plan/images.h"

namespace vernier::engine::cpu {

struct ConvShape {
  Images input, output;
  Window window;
  int groups = 1;
};

/// Floats of scratch that conv and conv_input_gradient need: the weights in the order in which they are read.
std::size_t conv_scratch(const ConvShape& shape);

/// y = x * w + bias; w (window height, window width, inputs / groups, filters), bias (filters) may be null.
void conv(const ConvShape& shape, const float* x, const float* w, const float* bias, float* y,
          float* scratch);
/// dx = (accumulate: +=) the gradient of x for dy.
void conv_input_gradient(const ConvShape& shape, const float* dy, const float* w, float* dx,
                         bool accumulate, float* scratch);
/// dw = the gradient of w. Examples beyond the last must be 0 in dy and finite in x.
void conv_weight_gradient(const ConvShape& shape, const float* x, const float* dy, float* dw,
                          float* scratch);
/// Floats of scratch that it needs; 0: none, and it may be null.
std::size_t conv_weight_gradient_scratch(const ConvShape& shape);

}  // namespace vernier::engine::cpu
