#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/batch_norm.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cmath>
#include <cstddef>

#include "engine/cpu/kernels.h"
#include "engine/ir/architecture.h"
#include "hwy/highway.h"

// Plain loops that the compiler vectorises once per instruction set.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

inline constexpr float momentum = static_cast<float>(batch_norm_momentum);
inline constexpr float epsilon = static_cast<float>(batch_norm_epsilon);
inline constexpr std::size_t line = Images::block;

HWY_INLINE float Normalised(float x, float mean, float deviation) { return (x - mean) * deviation; }

void BatchNormTraining(float* HWY_RESTRICT y, const float* HWY_RESTRICT x, const BatchNorm& s,
                       std::size_t rows, std::size_t cols, bool relu) {
  const float share = 1.0f / static_cast<float>(rows);
  float* HWY_RESTRICT mean = s.batch_mean;
  float* HWY_RESTRICT variance = s.deviation;
  std::fill(mean, mean + cols, 0.0f);
  std::fill(variance, variance + cols, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) mean[c] += x[r * cols + c];
  }
  for (std::size_t c = 0; c < cols; ++c) mean[c] *= share;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float distance = x[r * cols + c] - mean[c];
      variance[c] += distance * distance;
    }
  }
  const float unbiased = rows > 1 ? 1.0f / static_cast<float>(rows - 1) : 1.0f;
  for (std::size_t c = 0; c < cols; ++c) {
    s.mean[c] += momentum * (mean[c] - s.mean[c]);
    s.variance[c] += momentum * (variance[c] * unbiased - s.variance[c]);
    variance[c] = 1.0f / std::sqrt(variance[c] * share + epsilon);
  }
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float out = Normalised(x[r * cols + c], mean[c], variance[c]) * s.gain[c] + s.shift[c];
      y[r * cols + c] = relu && out < 0 ? 0.0f : out;
    }
  }
}

void BatchNormEvaluation(float* y, const float* x, const BatchNorm& s, std::size_t rows,
                         std::size_t cols, bool relu) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float deviation = 1.0f / std::sqrt(s.variance[c] + epsilon);
      const float out = Normalised(x[r * cols + c], s.mean[c], deviation) * s.gain[c] + s.shift[c];
      y[r * cols + c] = relu && out < 0 ? 0.0f : out;
    }
  }
}

/// dy behind the relu, which is found again from its input.
HWY_INLINE float Through(float dy, float normalised, float gain, float shift, bool relu) {
  return relu && !(normalised * gain + shift > 0) ? 0.0f : dy;
}

void BatchNormGradient(float* dx, const float* dy, const float* HWY_RESTRICT x, const BatchNorm& s,
                       float* HWY_RESTRICT gain_gradient, float* HWY_RESTRICT shift_gradient,
                       std::size_t rows, std::size_t cols, bool relu) {
  std::fill(gain_gradient, gain_gradient + cols, 0.0f);
  std::fill(shift_gradient, shift_gradient + cols, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float normalised = Normalised(x[r * cols + c], s.batch_mean[c], s.deviation[c]);
      const float g = Through(dy[r * cols + c], normalised, s.gain[c], s.shift[c], relu);
      gain_gradient[c] += g * normalised;
      shift_gradient[c] += g;
    }
  }
  const float share = 1.0f / static_cast<float>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float normalised = Normalised(x[r * cols + c], s.batch_mean[c], s.deviation[c]);
      const float g = Through(dy[r * cols + c], normalised, s.gain[c], s.shift[c], relu);
      dx[r * cols + c] = s.gain[c] * s.deviation[c] *
                         (g - share * (shift_gradient[c] + normalised * gain_gradient[c]));
    }
  }
}

/// Sum over the first `valid` lanes.
HWY_INLINE double LaneSum(const float (&sums)[line], std::size_t valid) {
  double sum = 0;
  for (std::size_t k = 0; k < valid; ++k) sum += static_cast<double>(sums[k]);
  return sum;
}

HWY_INLINE std::size_t Valid(const Images& images, std::size_t block) {
  return std::min(line, static_cast<std::size_t>(images.rows) - block * line);
}

/// Mean and sum of squared distances of one channel: plane by plane, merged as in Chan, Golub and LeVeque 1979.
void ChannelMoments(const float* x, const Images& images, double& mean, double& squares) {
  const std::size_t floats = images.area() * line;
  double count = 0;
  mean = squares = 0;
  for (std::size_t b = 0; b < images.blocks(); ++b) {
    const float* HWY_RESTRICT plane = x + b * images.stride();
    const std::size_t valid = Valid(images, b);
    const double n = static_cast<double>(images.area() * valid);
    alignas(64) float sums[line] = {};
    for (std::size_t i = 0; i < floats; i += line) {
      for (std::size_t k = 0; k < line; ++k) sums[k] += plane[i + k];
    }
    const double plane_mean = LaneSum(sums, valid) / n;
    const float centre = static_cast<float>(plane_mean);
    alignas(64) float distances[line] = {};
    for (std::size_t i = 0; i < floats; i += line) {
      for (std::size_t k = 0; k < line; ++k) {
        const float distance = plane[i + k] - centre;
        distances[k] += distance * distance;
      }
    }
    const double plane_squares = LaneSum(distances, valid);
    const double delta = plane_mean - mean;
    const double total = count + n;
    mean += delta * n / total;
    squares += plane_squares + delta * delta * count * n / total;
    count = total;
  }
}

void Apply(float* y, const float* x, const Images& images, float mean, float deviation, float gain,
           float shift, bool relu) {
  const std::size_t floats = images.area() * line;
  for (std::size_t b = 0; b < images.blocks(); ++b) {
    const float* from = x + b * images.stride();
    float* to = y + b * images.stride();
    if (relu) {
      for (std::size_t i = 0; i < floats; ++i) {
        const float out = Normalised(from[i], mean, deviation) * gain + shift;
        to[i] = out < 0 ? 0.0f : out;
      }
    } else {
      for (std::size_t i = 0; i < floats; ++i) {
        to[i] = Normalised(from[i], mean, deviation) * gain + shift;
      }
    }
  }
}

void ImagesTraining(float* y, const float* x, const BatchNorm& s, const Images& images, bool relu) {
  const double count = static_cast<double>(images.area()) * images.rows;
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.channels); ++c) {
    const std::size_t at = c * images.plane();
    double mean = 0;
    double squares = 0;
    ChannelMoments(x + at, images, mean, squares);
    s.batch_mean[c] = static_cast<float>(mean);
    s.deviation[c] = static_cast<float>(1 / std::sqrt(squares / count + batch_norm_epsilon));
    s.mean[c] += momentum * (s.batch_mean[c] - s.mean[c]);
    s.variance[c] +=
        momentum * (static_cast<float>(squares / std::max(1.0, count - 1)) - s.variance[c]);
    Apply(y + at, x + at, images, s.batch_mean[c], s.deviation[c], s.gain[c], s.shift[c], relu);
  }
}

void ImagesEvaluation(float* y, const float* x, const BatchNorm& s, const Images& images,
                      bool relu) {
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.channels); ++c) {
    const std::size_t at = c * images.plane();
    Apply(y + at, x + at, images, s.mean[c], 1.0f / std::sqrt(s.variance[c] + epsilon), s.gain[c],
          s.shift[c], relu);
  }
}

void ImagesGradient(float* dx, const float* dy, const float* x, const BatchNorm& s,
                    float* gain_gradient, float* shift_gradient, const Images& images, bool relu) {
  const std::size_t floats = images.area() * line;
  const double count = static_cast<double>(images.area()) * images.rows;
  for (std::size_t c = 0; c < static_cast<std::size_t>(images.channels); ++c) {
    const float mean = s.batch_mean[c], deviation = s.deviation[c];
    const float gain = s.gain[c], shift = s.shift[c];
    double all_gain = 0;
    double all_shift = 0;
    for (std::size_t b = 0; b < images.blocks(); ++b) {
      const std::size_t at = b * images.stride() + c * images.plane();
      const float* HWY_RESTRICT value = x + at;
      const float* HWY_RESTRICT gradient = dy + at;
      alignas(64) float gains[line] = {};
      alignas(64) float shifts[line] = {};
      for (std::size_t i = 0; i < floats; i += line) {
        for (std::size_t k = 0; k < line; ++k) {
          const float normalised = Normalised(value[i + k], mean, deviation);
          const float g = Through(gradient[i + k], normalised, gain, shift, relu);
          gains[k] += g * normalised;
          shifts[k] += g;
        }
      }
      all_gain += LaneSum(gains, Valid(images, b));
      all_shift += LaneSum(shifts, Valid(images, b));
    }
    gain_gradient[c] = static_cast<float>(all_gain);
    shift_gradient[c] = static_cast<float>(all_shift);
    const float gain_share = static_cast<float>(all_gain / count);
    const float shift_share = static_cast<float>(all_shift / count);
    const float factor = gain * deviation;
    for (std::size_t b = 0; b < images.blocks(); ++b) {
      const std::size_t at = b * images.stride() + c * images.plane();
      const float* value = x + at;
      const float* gradient = dy + at;
      float* to = dx + at;
      alignas(64) float counts[line];  // examples beyond the last keep the gradient 0
      for (std::size_t k = 0; k < line; ++k) counts[k] = k < Valid(images, b) ? 1.0f : 0.0f;
      for (std::size_t i = 0; i < floats; i += line) {
        for (std::size_t k = 0; k < line; ++k) {
          const float normalised = Normalised(value[i + k], mean, deviation);
          const float g = Through(gradient[i + k], normalised, gain, shift, relu);
          to[i + k] = counts[k] * (factor * (g - (shift_share + normalised * gain_share)));
        }
      }
    }
  }
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(BatchNormTraining);
HWY_EXPORT(BatchNormEvaluation);
HWY_EXPORT(BatchNormGradient);
HWY_EXPORT(ImagesTraining);
HWY_EXPORT(ImagesEvaluation);
HWY_EXPORT(ImagesGradient);

void batch_norm_training(float* y, const float* x, const BatchNorm& state, int rows, int cols,
                         bool relu) {
  HWY_DYNAMIC_DISPATCH(BatchNormTraining)
  (y, x, state, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols), relu);
}
void batch_norm_evaluation(float* y, const float* x, const BatchNorm& state, int rows, int cols,
                           bool relu) {
  HWY_DYNAMIC_DISPATCH(BatchNormEvaluation)
  (y, x, state, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols), relu);
}
void batch_norm_gradient(float* dx, const float* dy, const float* x, const BatchNorm& state,
                         float* gain_gradient, float* shift_gradient, int rows, int cols,
                         bool relu) {
  HWY_DYNAMIC_DISPATCH(BatchNormGradient)
  (dx, dy, x, state, gain_gradient, shift_gradient, static_cast<std::size_t>(rows),
   static_cast<std::size_t>(cols), relu);
}
void batch_norm_images_training(float* y, const float* x, const BatchNorm& state,
                                const Images& images, bool relu) {
  HWY_DYNAMIC_DISPATCH(ImagesTraining)(y, x, state, images, relu);
}
void batch_norm_images_evaluation(float* y, const float* x, const BatchNorm& state,
                                  const Images& images, bool relu) {
  HWY_DYNAMIC_DISPATCH(ImagesEvaluation)(y, x, state, images, relu);
}
void batch_norm_images_gradient(float* dx, const float* dy, const float* x, const BatchNorm& state,
                                float* gain_gradient, float* shift_gradient, const Images& images,
                                bool relu) {
  HWY_DYNAMIC_DISPATCH(ImagesGradient)
  (dx, dy, x, state, gain_gradient, shift_gradient, images, relu);
}
}  // namespace vernier::engine::cpu
#endif
