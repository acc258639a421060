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
#include "engine/plan/images.h"

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
/// The same for images; the order of the bits is that of (rows, height, width, channels).
void dropout_images(float* y, const float* x, std::uint8_t* mask, const Images& images,
                    const RngKey& key, int layer, std::uint32_t update, double rate);
void dropout_gradient(float* dy, const std::uint8_t* mask, std::size_t count, double rate);

struct BatchNorm {
  const float* gain;
  const float* shift;
  float* mean;  // running, updated in training
  float* variance;
  float* batch_mean;  // of the batch, for the gradient
  float* deviation;   // 1 / sqrt(batch variance + epsilon)
};
/// y = relu?(gain (x - batch mean) deviation + shift); y may not be x.
void batch_norm_training(float* y, const float* x, const BatchNorm& state, int rows, int cols,
                         bool relu);
/// y from running statistics; x may be y.
void batch_norm_evaluation(float* y, const float* x, const BatchNorm& state, int rows, int cols,
                           bool relu);
/// dx from dy, the gradient after the relu if there is one; dx may be dy.
void batch_norm_gradient(float* dx, const float* dy, const float* x, const BatchNorm& state,
                         float* gain_gradient, float* shift_gradient, int rows, int cols,
                         bool relu);

/// One update of `count` weights: gradient times `scale` (clipping). States the optimizer lacks are not touched.
void update_weights(Optimizer optimizer, const OptimizerStep<float>& step, float scale, float* w,
                    const float* gradient, float* const states[3], std::size_t count);
/// average += (1 - decay) (w - average).
void average_weights(float* average, const float* w, float decay, std::size_t count);
double sum_of_squares(const float* x, std::size_t count);

/// to (rows, cols): examples order(first), order(first + 1), ... of `from`.
void gather(float* to, const float* from, int rows, int cols, const vernier::Shuffle& order,
            int first);
/// The same into images.
void gather_images(float* to, const float* from, const Images& images,
                   const vernier::Shuffle& order, int first);

// Images (engine/plan/images.h). Examples beyond the last become 0 where they first appear and in every gradient.

/// to: examples of `from` (rows, height, width, channels), one after the other.
void images_from_rows(float* to, const float* from, const Images& images);
void rows_from_images(float* to, const float* from, const Images& images);
/// to (channels) = sums over examples and pixels.
void channel_sums(float* to, const float* from, const Images& images);
/// `to`'s channels from `channel` on = from; back: the other way.
void place_channels(float* to, const float* from, const Images& whole, const Images& part,
                    int channel, bool back);
/// y = every stride-th row and column of x, then zeros; back: x = y where it was read, 0 elsewhere.
void pad_shortcut(const Images& input, const float* x, const Images& output, float* y, int stride);
void pad_shortcut_gradient(const Images& input, float* dx, const Images& output, const float* dy,
                           int stride);

void max_pool(const Images& input, const float* x, const Images& output, float* y,
              std::uint8_t* place, const Window& window);
void average_pool(const Images& input, const float* x, const Images& output, float* y,
                  const Window& window);
/// dx = (accumulate: +=); `place` null: of the average.
void pool_gradient(const Images& input, float* dx, const Images& output, const float* dy,
                   const std::uint8_t* place, const Window& window, bool accumulate);

void batch_norm_images_training(float* y, const float* x, const BatchNorm& state,
                                const Images& images, bool relu);
void batch_norm_images_evaluation(float* y, const float* x, const BatchNorm& state,
                                  const Images& images, bool relu);
void batch_norm_images_gradient(float* dx, const float* dy, const float* x, const BatchNorm& state,
                                float* gain_gradient, float* shift_gradient, const Images& images,
                                bool relu);

/// y = a + b, elementwise; y may be a or b.
void add(float* y, const float* a, const float* b, std::size_t count);

}  // namespace vernier::engine::cpu
