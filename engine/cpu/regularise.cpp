#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/regularise.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/cpu/kernels.h"
#include "engine/ir/architecture.h"
#include "engine/math/dropout.h"
#include "hwy/highway.h"

// Dropout and batch norm: plain loops that the compiler vectorises once per instruction set.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {

inline constexpr std::size_t philox_blocks = 64;

/// Blocks first .. first + 63 of one layer's bits: philox4x32 of core/rng.h with the rounds outside, so that blocks are the vector
/// axis.
void PhiloxBlocks(std::uint32_t (&v)[4][philox_blocks], const RngKey& key, std::uint32_t update,
                  std::uint64_t first) {
  std::uint32_t key0 = static_cast<std::uint32_t>(key.seed);
  std::uint32_t key1 = static_cast<std::uint32_t>(key.seed >> 32);
  const std::uint32_t stream =
      (static_cast<std::uint32_t>(key.stream) << 16) | (key.repeat & 0xFFFFu);
  for (std::size_t i = 0; i < philox_blocks; ++i) {
    const std::uint64_t element = first + i;
    v[0][i] = static_cast<std::uint32_t>(element);
    v[1][i] = update;
    v[2][i] = stream;
    v[3][i] = static_cast<std::uint32_t>(element >> 32);
  }
  for (int round = 0; round < 10; ++round) {
    for (std::size_t i = 0; i < philox_blocks; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * v[0][i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * v[2][i];
      v[0][i] = static_cast<std::uint32_t>(p1 >> 32) ^ v[1][i] ^ key0;
      v[1][i] = static_cast<std::uint32_t>(p1);
      v[2][i] = static_cast<std::uint32_t>(p0 >> 32) ^ v[3][i] ^ key1;
      v[3][i] = static_cast<std::uint32_t>(p0);
    }
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
}

void Dropout(float* y, const float* x, std::uint8_t* HWY_RESTRICT mask, std::size_t count,
             const RngKey& key, std::uint64_t layer, std::uint32_t update, double rate) {
  const std::uint32_t threshold = dropout_threshold(rate);
  const float scale = static_cast<float>(1.0 / (1.0 - rate));
  constexpr std::size_t chunk = 4 * philox_blocks;
  alignas(64) std::uint32_t v[4][philox_blocks];
  alignas(64) std::uint8_t keep[chunk];
  for (std::size_t start = 0; start < count; start += chunk) {
    PhiloxBlocks(v, key, update, layer << 48 | start >> 2);
    for (std::size_t word = 0; word < 4; ++word) {
      for (std::size_t i = 0; i < philox_blocks; ++i) {
        keep[4 * i + word] = v[word][i] >= threshold ? 1 : 0;
      }
    }
    const std::size_t n = std::min(chunk, count - start);
    std::memcpy(mask + start, keep, n);
    for (std::size_t i = 0; i < n; ++i) {
      y[start + i] = keep[i] != 0 ? x[start + i] * scale : 0.0f;
    }
  }
}

void DropoutGradient(float* HWY_RESTRICT dy, const std::uint8_t* HWY_RESTRICT mask,
                     std::size_t count, float scale) {
  for (std::size_t i = 0; i < count; ++i) dy[i] = mask[i] != 0 ? dy[i] * scale : 0.0f;
}

void BatchNormTraining(float* HWY_RESTRICT y, float* HWY_RESTRICT x, const BatchNorm& s,
                       std::size_t rows, std::size_t cols) {
  const float share = 1.0f / static_cast<float>(rows);
  float* HWY_RESTRICT mean = y;  // the first row of y is free until the last pass
  float* HWY_RESTRICT variance = s.deviation;
  std::fill(mean, mean + cols, 0.0f);
  std::fill(variance, variance + cols, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* row = x + r * cols;
    for (std::size_t c = 0; c < cols; ++c) mean[c] += row[c];
  }
  for (std::size_t c = 0; c < cols; ++c) mean[c] *= share;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = x + r * cols;
    for (std::size_t c = 0; c < cols; ++c) {
      row[c] -= mean[c];
      variance[c] += row[c] * row[c];
    }
  }
  constexpr float m = static_cast<float>(batch_norm_momentum);
  const float unbiased = rows > 1 ? 1.0f / static_cast<float>(rows - 1) : 1.0f;
  for (std::size_t c = 0; c < cols; ++c) {
    s.mean[c] += m * (mean[c] - s.mean[c]);
    s.variance[c] += m * (variance[c] * unbiased - s.variance[c]);
    variance[c] = 1.0f / std::sqrt(variance[c] * share + static_cast<float>(batch_norm_epsilon));
  }
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = x + r * cols;
    float* out = y + r * cols;
    for (std::size_t c = 0; c < cols; ++c) {
      row[c] *= variance[c];
      out[c] = row[c] * s.gain[c] + s.shift[c];
    }
  }
}

void BatchNormEvaluation(float* y, const float* x, const BatchNorm& s, std::size_t rows,
                         std::size_t cols) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t c = 0; c < cols; ++c) {
      const float deviation =
          1.0f / std::sqrt(s.variance[c] + static_cast<float>(batch_norm_epsilon));
      y[r * cols + c] = (x[r * cols + c] - s.mean[c]) * deviation * s.gain[c] + s.shift[c];
    }
  }
}

void BatchNormGradient(float* HWY_RESTRICT dy, const float* HWY_RESTRICT x,
                       const float* HWY_RESTRICT gain, const float* HWY_RESTRICT deviation,
                       float* HWY_RESTRICT gain_gradient, float* HWY_RESTRICT shift_gradient,
                       std::size_t rows, std::size_t cols) {
  std::fill(gain_gradient, gain_gradient + cols, 0.0f);
  std::fill(shift_gradient, shift_gradient + cols, 0.0f);
  for (std::size_t r = 0; r < rows; ++r) {
    const float* g = dy + r * cols;
    const float* row = x + r * cols;
    for (std::size_t c = 0; c < cols; ++c) {
      gain_gradient[c] += g[c] * row[c];
      shift_gradient[c] += g[c];
    }
  }
  const float share = 1.0f / static_cast<float>(rows);
  for (std::size_t r = 0; r < rows; ++r) {
    float* g = dy + r * cols;
    const float* row = x + r * cols;
    for (std::size_t c = 0; c < cols; ++c) {
      g[c] =
          gain[c] * deviation[c] * (g[c] - share * (shift_gradient[c] + row[c] * gain_gradient[c]));
    }
  }
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(Dropout);
HWY_EXPORT(DropoutGradient);
HWY_EXPORT(BatchNormTraining);
HWY_EXPORT(BatchNormEvaluation);
HWY_EXPORT(BatchNormGradient);

void dropout(float* y, const float* x, std::uint8_t* mask, std::size_t count, const RngKey& key,
             int layer, std::uint32_t update, double rate) {
  HWY_DYNAMIC_DISPATCH(Dropout)
  (y, x, mask, count, key, static_cast<std::uint64_t>(layer), update, rate);
}
void dropout_gradient(float* dy, const std::uint8_t* mask, std::size_t count, double rate) {
  HWY_DYNAMIC_DISPATCH(DropoutGradient)
  (dy, mask, count, static_cast<float>(1.0 / (1.0 - rate)));
}
void batch_norm_training(float* y, float* x, const BatchNorm& state, int rows, int cols) {
  HWY_DYNAMIC_DISPATCH(BatchNormTraining)
  (y, x, state, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
}
void batch_norm_evaluation(float* y, const float* x, const BatchNorm& state, int rows, int cols) {
  HWY_DYNAMIC_DISPATCH(BatchNormEvaluation)
  (y, x, state, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
}
void batch_norm_gradient(float* dy, const float* x, const float* gain, const float* deviation,
                         float* gain_gradient, float* shift_gradient, int rows, int cols) {
  HWY_DYNAMIC_DISPATCH(BatchNormGradient)
  (dy, x, gain, deviation, gain_gradient, shift_gradient, static_cast<std::size_t>(rows),
   static_cast<std::size_t>(cols));
}
}  // namespace vernier::engine::cpu
#endif
