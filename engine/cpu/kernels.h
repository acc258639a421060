// Loops of the CPU back end beside the matrix products. One thread each; every result is a function of the arguments alone (fixed
// order of summation), so equal on every run, lane and thread. Matrices are row-major without gaps: (rows, cols), rows = examples.
#pragma once
#include <cstddef>
#include <cstdint>

#include "core/rng.h"
#include "core/shuffle.h"
#include "engine/math/activations.h"
#include "engine/math/losses.h"
#include "engine/math/optimizers.h"

namespace vernier::engine::cpu {

/// y = act(y + bias). `bias` (cols) and `saved` (rows, cols; receives y + bias) may be null.
void bias_activation(float* y, float* saved, const float* bias, int rows, int cols, Activation act);
/// dy *= slope of act at (saved, y); y is not read for identity, saved only for gelu. bias_gradient (cols; may be null) = sum over rows.
void activation_gradient(float* dy, const float* y, const float* saved, float* bias_gradient,
                         int rows, int cols, Activation act);
/// y = softmax(x) over cols; y may be x.
void softmax(float* y, const float* x, int rows, int cols);
/// dy = y (dy - sum(dy y)).
void softmax_gradient(float* dy, const float* y, int rows, int cols);

struct LossSum {
  double loss = 0;  // sum over the rows
  std::int64_t correct = 0;
};
/// Loss of classes; with `gradient` z becomes its mean's derivative (scale 1 / rows).
LossSum class_loss_rows(Loss loss, float* z, const std::int32_t* labels, int rows, int cols,
                        float smoothing, bool gradient);
/// Mean squared error of numbers, targets (rows, cols).
LossSum number_loss_rows(float* z, const float* targets, int rows, int cols, bool gradient);

/// y = x with dropped elements 0 and the others scaled; mask gets 0 or 1. y may be x. Bits: engine/math/dropout.h.
void dropout(float* y, const float* x, std::uint8_t* mask, std::size_t count, const RngKey& key,
             int layer, std::uint32_t update, double rate);
void dropout_gradient(float* dy, const std::uint8_t* mask, std::size_t count, double rate);

struct BatchNorm {
  const float* gain;
  const float* shift;
  float* mean;  // running, updated in training
  float* variance;
  float* deviation;  // 1 / sqrt(batch variance + epsilon), for the gradient
};
/// x becomes (x - mean) / deviation of the batch, y = x gain + shift.
void batch_norm_training(float* y, float* x, const BatchNorm& state, int rows, int cols);
/// y from running statistics; x may be y.
void batch_norm_evaluation(float* y, const float* x, const BatchNorm& state, int rows, int cols);
/// dy becomes dx; x is the normalised input.
void batch_norm_gradient(float* dy, const float* x, const float* gain, const float* deviation,
                         float* gain_gradient, float* shift_gradient, int rows, int cols);

/// One update of `count` weights: gradient times `scale` (clipping). States the optimizer lacks are not touched.
void update_weights(Optimizer optimizer, const OptimizerStep<float>& step, float scale, float* w,
                    const float* gradient, float* const states[3], std::size_t count);
/// average += (1 - decay) (w - average).
void average_weights(float* average, const float* w, float decay, std::size_t count);
double sum_of_squares(const float* x, std::size_t count);

/// to (rows, cols): examples order(first), order(first + 1), ... of `from`.
void gather(float* to, const float* from, int rows, int cols, const vernier::Shuffle& order,
            int first);

}  // namespace vernier::engine::cpu
