#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/optimizer.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include "engine/cpu/kernels.h"
#include "hwy/highway.h"

// The formulas are engine/math's scalar ones: inlined here, once per instruction set, the compiler vectorises the loops.
HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <Optimizer O>
void Update(const OptimizerStep<float>& step, float scale, float* HWY_RESTRICT w,
            const float* HWY_RESTRICT g, float* HWY_RESTRICT a, float* HWY_RESTRICT b,
            float* HWY_RESTRICT c, std::size_t n) {
  constexpr int states = optimizer_states(O);
  OptimizerStep<float> p = step;
  if constexpr (O >= Optimizer::adam) {
    // x / (sqrt(s) / r + eps) = x r / (sqrt(s) + eps r): one division less.
    p.step_size *= p.root_correction;
    p.next_size *= p.root_correction;
    p.eps *= p.root_correction;
    p.root_correction = 1.0f;
  }
  for (std::size_t i = 0; i < n; ++i) {
    float none = 0;
    if constexpr (states == 0) update_weight<O>(p, w[i], g[i] * scale, none, none, none);
    if constexpr (states == 1) update_weight<O>(p, w[i], g[i] * scale, a[i], none, none);
    if constexpr (states == 2) update_weight<O>(p, w[i], g[i] * scale, a[i], b[i], none);
    if constexpr (states == 3) update_weight<O>(p, w[i], g[i] * scale, a[i], b[i], c[i]);
  }
}

void UpdateWeights(Optimizer optimizer, const OptimizerStep<float>& step, float scale, float* w,
                   const float* g, float* const* states, std::size_t n) {
  with_optimizer(optimizer, [&]<Optimizer O>() {
    Update<O>(step, scale, w, g, states[0], states[1], states[2], n);
  });
}

void AverageWeights(float* HWY_RESTRICT average, const float* HWY_RESTRICT w, float decay,
                    std::size_t n) {
  const float share = 1.0f - decay;
  for (std::size_t i = 0; i < n; ++i) average[i] += share * (w[i] - average[i]);
}

double SumOfSquares(const float* HWY_RESTRICT x, std::size_t n) {
  const hn::ScalableTag<float> d;
  const std::size_t step = hn::Lanes(d);
  constexpr std::size_t block = 4096;  // float sums of at most this many, then double
  double total = 0;
  for (std::size_t start = 0; start < n; start += block) {
    const std::size_t end = n < start + block ? n : start + block;
    auto s0 = hn::Zero(d);
    auto s1 = hn::Zero(d);
    std::size_t i = start;
    for (; i + 2 * step <= end; i += 2 * step) {
      const auto x0 = hn::LoadU(d, x + i);
      const auto x1 = hn::LoadU(d, x + i + step);
      s0 = hn::MulAdd(x0, x0, s0);
      s1 = hn::MulAdd(x1, x1, s1);
    }
    float rest = 0;
    for (; i < end; ++i) rest += x[i] * x[i];
    total += static_cast<double>(hn::GetLane(hn::SumOfLanes(d, hn::Add(s0, s1))) + rest);
  }
  return total;
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(UpdateWeights);
HWY_EXPORT(AverageWeights);
HWY_EXPORT(SumOfSquares);

void update_weights(Optimizer optimizer, const OptimizerStep<float>& step, float scale, float* w,
                    const float* gradient, float* const states[3], std::size_t count) {
  HWY_DYNAMIC_DISPATCH(UpdateWeights)(optimizer, step, scale, w, gradient, states, count);
}
void average_weights(float* average, const float* w, float decay, std::size_t count) {
  HWY_DYNAMIC_DISPATCH(AverageWeights)(average, w, decay, count);
}
double sum_of_squares(const float* x, std::size_t count) {
  return HWY_DYNAMIC_DISPATCH(SumOfSquares)(x, count);
}
}  // namespace vernier::engine::cpu
#endif
