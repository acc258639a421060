#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/loss.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <cmath>
#include <cstring>

#include "engine/cpu/kernels.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// The next at most Lanes(d) of n elements, the rest filled.
HWY_INLINE V LoadPart(D d, const float* x, std::size_t n, float fill) {
  const std::size_t step = hn::Lanes(d);
  if (n >= step) return hn::LoadU(d, x);
#if HWY_TARGET <= HWY_AVX2  // masked loads that do not touch what is masked
  const auto inside = hn::FirstN(d, n);
  return hn::IfThenElse(inside, hn::MaskedLoad(inside, d, x), hn::Set(d, fill));
#endif
  alignas(64) float buffer[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(hn::Set(d, fill), d, buffer);
  std::memcpy(buffer, x, n * sizeof(float));
  return hn::Load(d, buffer);
}
HWY_INLINE void StorePart(D d, V v, float* x, std::size_t n) {
  const std::size_t step = hn::Lanes(d);
  if (n >= step) return hn::StoreU(v, d, x);
#if HWY_TARGET <= HWY_AVX2
  return hn::BlendedStore(v, hn::FirstN(d, n), d, x);
#endif
  alignas(64) float buffer[HWY_MAX_BYTES / sizeof(float)];
  hn::Store(v, d, buffer);
  std::memcpy(x, buffer, n * sizeof(float));
}

/// y = exp(x - largest), not yet divided by their sum, which is returned.
HWY_INLINE float Exponentials(float* y, const float* x, std::size_t n, float& largest) {
  const D d;
  const std::size_t step = hn::Lanes(d);
  V top = hn::Set(d, x[0]);
  for (std::size_t i = 0; i < n; i += step) top = hn::Max(top, LoadPart(d, x + i, n - i, x[0]));
  largest = hn::GetLane(hn::MaxOfLanes(d, top));
  const V shift = hn::Set(d, largest);
  V sum = hn::Zero(d);
  for (std::size_t i = 0; i < n; i += step) {
    const V e = hn::Exp(d, hn::Sub(LoadPart(d, x + i, n - i, -HUGE_VALF), shift));
    sum = hn::Add(sum, e);
    StorePart(d, e, y + i, n - i);
  }
  return hn::GetLane(hn::SumOfLanes(d, sum));
}

HWY_INLINE bool AllFinite(const float* x, std::size_t n) {
  const D d;
  const std::size_t step = hn::Lanes(d);
  V probe = hn::Zero(d);
  for (std::size_t i = 0; i < n; i += step) {
    probe = hn::MulAdd(LoadPart(d, x + i, n - i, 0), hn::Zero(d), probe);
  }
  return hn::AllTrue(d, hn::Eq(probe, hn::Zero(d)));  // 0 x infinity and 0 x NaN are NaN
}

void Fill(float* x, std::size_t n, float value) {
  for (std::size_t i = 0; i < n; ++i) x[i] = value;
}

/// A row that fits one vector, as those of most data sets do: loaded once, everything in registers.
HWY_INLINE void NarrowRow(float* row, std::size_t n, std::size_t label, float smoothing,
                          float scale, bool gradient, LossSum& result) {
  const D d;
  const float off = smoothing / static_cast<float>(n);
  const auto inside = hn::FirstN(d, n);
  const V low = hn::Set(d, -HUGE_VALF);
  const V z = LoadPart(d, row, n, 0);
  const float chosen = row[label];
  const V masked = hn::IfThenElse(inside, z, low);
  const V top = hn::MaxOfLanes(d, masked);
  const V e = hn::IfThenElseZero(inside, hn::Exp(d, hn::Sub(masked, top)));
  const V sum = hn::SumOfLanes(d, e);
  result.correct += hn::FindFirstTrue(d, hn::Eq(masked, top)) == static_cast<std::intptr_t>(label);
  const double total = smoothing > 0 ? static_cast<double>(hn::GetLane(hn::SumOfLanes(d, z))) : 0.0;
  result.loss += static_cast<double>(hn::GetLane(top)) +
                 std::log(static_cast<double>(hn::GetLane(sum))) - (1.0 - smoothing) * chosen -
                 off * total;
  if (!gradient) return;
  const auto hit = hn::Eq(hn::Iota(d, 0), hn::Set(d, static_cast<float>(label)));
  const V target = hn::IfThenElse(hit, hn::Set(d, off + 1.0f - smoothing), hn::Set(d, off));
  StorePart(d, hn::Mul(hn::Set(d, scale), hn::Sub(hn::Div(e, sum), target)), row, n);
}

LossSum CrossEntropy(float* z, const std::int32_t* labels, std::size_t rows, std::size_t n,
                     float smoothing, bool gradient) {
  const D d;
  const std::size_t step = hn::Lanes(d);
  const float scale = 1.0f / static_cast<float>(rows);
  const float off = smoothing / static_cast<float>(n);
  LossSum result;
  for (std::size_t r = 0; r < rows; ++r) {
    float* row = z + r * n;
    const auto label = static_cast<std::size_t>(labels[r]);
    if (!AllFinite(row, n)) {  // diverged: the vector exp would hide it
      result.loss += NAN;
      if (gradient) Fill(row, n, NAN);
      continue;
    }
    if (n <= step) {
      NarrowRow(row, n, label, smoothing, scale, gradient, result);
      continue;
    }
    result.correct += predicted_class(row, static_cast<int>(n)) == labels[r];
    const float chosen = row[label];
    double total = 0;
    if (smoothing > 0) {
      for (std::size_t i = 0; i < n; ++i) total += row[i];
    }
    float largest = 0;
    const float sum = Exponentials(row, row, n, largest);
    result.loss +=
        largest + std::log(static_cast<double>(sum)) - (1.0 - smoothing) * chosen - off * total;
    if (!gradient) continue;
    const V factor = hn::Set(d, scale / sum);
    const V rest = hn::Set(d, -scale * off);
    for (std::size_t i = 0; i < n; i += step) {
      StorePart(d, hn::MulAdd(LoadPart(d, row + i, n - i, 0), factor, rest), row + i, n - i);
    }
    row[label] -= scale * (1.0f - smoothing);
  }
  return result;
}

void Softmax(float* y, const float* x, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    float* out = y + r * n;
    if (!AllFinite(x + r * n, n)) {
      Fill(out, n, NAN);
      continue;
    }
    float largest = 0;
    const float share = 1.0f / Exponentials(out, x + r * n, n, largest);
    for (std::size_t i = 0; i < n; ++i) out[i] *= share;
  }
}

void SoftmaxGradient(float* dy, const float* y, std::size_t rows, std::size_t n) {
  for (std::size_t r = 0; r < rows; ++r) {
    float* g = dy + r * n;
    const float* out = y + r * n;
    double mean = 0;
    for (std::size_t i = 0; i < n; ++i) mean += static_cast<double>(g[i]) * out[i];
    for (std::size_t i = 0; i < n; ++i) g[i] = out[i] * (g[i] - static_cast<float>(mean));
  }
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(CrossEntropy);
HWY_EXPORT(Softmax);
HWY_EXPORT(SoftmaxGradient);

LossSum class_loss_rows(Loss loss, float* z, const std::int32_t* labels, int rows, int cols,
                        float smoothing, bool gradient) {
  if (loss == Loss::cross_entropy) {
    return HWY_DYNAMIC_DISPATCH(CrossEntropy)(z, labels, static_cast<std::size_t>(rows),
                                              static_cast<std::size_t>(cols), smoothing, gradient);
  }
  LossSum result;
  const float scale = 1.0f / static_cast<float>(rows);
  for (int r = 0; r < rows; ++r) {
    float* row = z + static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
    result.correct += predicted_class(row, cols) == labels[r];
    result.loss += static_cast<double>(
        class_loss(loss, row, cols, labels[r], smoothing, scale, gradient ? row : nullptr));
  }
  return result;
}

LossSum number_loss_rows(float* z, const float* targets, int rows, int cols, bool gradient) {
  LossSum result;
  const float scale = 1.0f / static_cast<float>(rows);
  for (int r = 0; r < rows; ++r) {
    const std::size_t at = static_cast<std::size_t>(r) * static_cast<std::size_t>(cols);
    result.loss += static_cast<double>(
        number_loss(z + at, cols, targets + at, scale, gradient ? z + at : nullptr));
  }
  return result;
}

void softmax(float* y, const float* x, int rows, int cols) {
  HWY_DYNAMIC_DISPATCH(Softmax)
  (y, x, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
}
void softmax_gradient(float* dy, const float* y, int rows, int cols) {
  HWY_DYNAMIC_DISPATCH(SoftmaxGradient)
  (dy, y, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols));
}
}  // namespace vernier::engine::cpu
#endif
