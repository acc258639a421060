#include "engine/cpu/targets.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/activation.cpp"
#include "hwy/foreach_target.h"
// Highway's own order of includes.
#include <cstring>

#include "engine/cpu/kernels.h"
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace vernier::engine::cpu::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Highway's exp gives 0 for NaN; divergence must stay visible.
HWY_INLINE V ExpKeepingNan(D d, V x) { return hn::IfThenElse(hn::IsNaN(x), x, hn::Exp(d, x)); }

/// erf by Abramowitz and Stegun 7.1.26: absolute error 1.5e-7. `e` receives exp(-x^2).
HWY_INLINE V Erf(D d, V x, V& e) {
  const V a = hn::Abs(x);
  const V t = hn::Div(hn::Set(d, 1.0f), hn::MulAdd(hn::Set(d, 0.3275911f), a, hn::Set(d, 1.0f)));
  V p = hn::MulAdd(hn::Set(d, 1.061405429f), t, hn::Set(d, -1.453152027f));
  p = hn::MulAdd(p, t, hn::Set(d, 1.421413741f));
  p = hn::MulAdd(p, t, hn::Set(d, -0.284496736f));
  p = hn::MulAdd(p, t, hn::Set(d, 0.254829592f));
  e = ExpKeepingNan(d, hn::Neg(hn::Mul(x, x)));
  return hn::CopySign(hn::NegMulAdd(hn::Mul(p, t), e, hn::Set(d, 1.0f)), x);
}

template <Activation A>
HWY_INLINE V Value(D d, V x) {
  const V zero = hn::Zero(d);
  const V one = hn::Set(d, 1.0f);
  if constexpr (A == Activation::sigmoid) {
    const V e = ExpKeepingNan(d, hn::Neg(hn::Abs(x)));  // never overflows
    return hn::Div(hn::IfThenElse(hn::Lt(x, zero), e, one), hn::Add(one, e));
  } else if constexpr (A == Activation::tanh) {
    return hn::IfThenElse(hn::IsNaN(x), x, hn::Tanh(d, x));
  } else if constexpr (A == Activation::relu) {
    return hn::IfThenZeroElse(hn::Lt(x, zero), x);
  } else if constexpr (A == Activation::leaky_relu) {
    const V slope = hn::Set(d, static_cast<float>(leaky_relu_slope));
    return hn::IfThenElse(hn::Lt(x, zero), hn::Mul(x, slope), x);
  } else if constexpr (A == Activation::softplus) {
    const V e = ExpKeepingNan(d, hn::Neg(hn::Abs(x)));
    return hn::IfThenElse(hn::IsNaN(x), x,
                          hn::Add(hn::IfThenZeroElse(hn::Lt(x, zero), x), hn::Log1p(d, e)));
  } else if constexpr (A == Activation::elu) {
    const V low = hn::Mul(hn::Set(d, static_cast<float>(elu_alpha)), hn::Expm1(d, x));
    return hn::IfThenElse(hn::Lt(x, zero), low, x);
  } else if constexpr (A == Activation::gelu) {
    V e;
    const V half = hn::Mul(hn::Set(d, 0.5f), x);
    return hn::MulAdd(half, Erf(d, hn::Mul(x, hn::Set(d, 0.70710678f)), e), half);
  } else if constexpr (A == Activation::threshold) {
    return hn::IfThenElse(hn::Lt(x, zero), zero, one);
  } else {
    return x;
  }
}

template <Activation A>
HWY_INLINE V Slope(D d, [[maybe_unused]] V x, [[maybe_unused]] V y) {
  const V zero = hn::Zero(d);
  const V one = hn::Set(d, 1.0f);
  if constexpr (A == Activation::sigmoid) {
    return hn::Mul(y, hn::Sub(one, y));
  } else if constexpr (A == Activation::tanh) {
    return hn::NegMulAdd(y, y, one);
  } else if constexpr (A == Activation::relu) {
    return hn::IfThenElseZero(hn::Gt(y, zero), one);
  } else if constexpr (A == Activation::leaky_relu) {
    return hn::IfThenElse(hn::Gt(y, zero), one, hn::Set(d, static_cast<float>(leaky_relu_slope)));
  } else if constexpr (A == Activation::softplus) {
    return hn::Neg(hn::Expm1(d, hn::Neg(y)));
  } else if constexpr (A == Activation::elu) {
    return hn::IfThenElse(hn::Gt(y, zero), one,
                          hn::Add(y, hn::Set(d, static_cast<float>(elu_alpha))));
  } else if constexpr (A == Activation::gelu) {
    V e;  // exp(-x^2 / 2)
    const V half = hn::Set(d, 0.5f);
    const V erf = Erf(d, hn::Mul(x, hn::Set(d, 0.70710678f)), e);
    return hn::MulAdd(hn::Mul(x, hn::Set(d, 0.39894228f)), e, hn::MulAdd(half, erf, half));
  } else if constexpr (A == Activation::threshold) {
    return zero;
  } else {
    return one;
  }
}

/// The last, partial vector goes through a buffer, so that no load or store leaves the row.
struct Tail {
  alignas(64) float v[HWY_MAX_BYTES / sizeof(float)] = {};
  Tail(const float* from, std::size_t n) {
    if (from != nullptr) std::memcpy(v, from, n * sizeof(float));
  }
};

template <Activation A>
void Forward(float* HWY_RESTRICT y, float* HWY_RESTRICT saved, const float* HWY_RESTRICT bias,
             std::size_t n) {
  const D d;
  const std::size_t step = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + step <= n; i += step) {
    V x = hn::LoadU(d, y + i);
    if (bias != nullptr) x = hn::Add(x, hn::LoadU(d, bias + i));
    if (saved != nullptr) hn::StoreU(x, d, saved + i);
    hn::StoreU(Value<A>(d, x), d, y + i);
  }
  if (i == n) return;
  Tail in(y + i, n - i);
  const Tail b(bias != nullptr ? bias + i : nullptr, n - i);
  const V x = hn::Add(hn::Load(d, in.v), hn::Load(d, b.v));
  hn::Store(x, d, in.v);
  if (saved != nullptr) std::memcpy(saved + i, in.v, (n - i) * sizeof(float));
  hn::Store(Value<A>(d, x), d, in.v);
  std::memcpy(y + i, in.v, (n - i) * sizeof(float));
}

template <Activation A>
void Backward(float* HWY_RESTRICT dy, const float* HWY_RESTRICT y, const float* HWY_RESTRICT saved,
              float* HWY_RESTRICT sum, std::size_t n) {
  constexpr bool reads_x = slope_needs_input(A);
  constexpr bool reads_y = !reads_x && A != Activation::identity;
  const D d;
  const std::size_t step = hn::Lanes(d);
  const V zero = hn::Zero(d);
  std::size_t i = 0;
  for (; i + step <= n; i += step) {
    V g = hn::LoadU(d, dy + i);
    if constexpr (A != Activation::identity) {
      const V x = reads_x ? hn::LoadU(d, saved + i) : zero;
      const V out = reads_y ? hn::LoadU(d, y + i) : zero;
      g = hn::Mul(g, Slope<A>(d, x, out));
      hn::StoreU(g, d, dy + i);
    }
    if (sum != nullptr) hn::StoreU(hn::Add(g, hn::LoadU(d, sum + i)), d, sum + i);
  }
  if (i == n) return;
  const std::size_t rest = n - i;
  Tail g(dy + i, rest);
  const Tail x(reads_x ? saved + i : nullptr, rest);
  const Tail out(reads_y ? y + i : nullptr, rest);
  const V product = hn::Mul(hn::Load(d, g.v), Slope<A>(d, hn::Load(d, x.v), hn::Load(d, out.v)));
  hn::Store(product, d, g.v);
  std::memcpy(dy + i, g.v, rest * sizeof(float));
  if (sum == nullptr) return;
  for (std::size_t k = 0; k < rest; ++k) sum[i + k] += g.v[k];
}

void BiasActivation(float* y, float* saved, const float* bias, std::size_t rows, std::size_t cols,
                    Activation act) {
  with_activation(act, [&]<Activation A>() {
    if (bias == nullptr) return Forward<A>(y, saved, nullptr, rows * cols);
    for (std::size_t r = 0; r < rows; ++r) {
      Forward<A>(y + r * cols, saved != nullptr ? saved + r * cols : nullptr, bias, cols);
    }
  });
}

void ActivationGradient(float* dy, const float* y, const float* saved, float* sum, std::size_t rows,
                        std::size_t cols, Activation act) {
  with_activation(act, [&]<Activation A>() {
    if (sum == nullptr) return Backward<A>(dy, y, saved, nullptr, rows * cols);
    std::memset(sum, 0, cols * sizeof(float));
    for (std::size_t r = 0; r < rows; ++r) {
      Backward<A>(dy + r * cols, y != nullptr ? y + r * cols : nullptr,
                  saved != nullptr ? saved + r * cols : nullptr, sum, cols);
    }
  });
}

}  // namespace vernier::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace vernier::engine::cpu {
HWY_EXPORT(BiasActivation);
HWY_EXPORT(ActivationGradient);

void bias_activation(float* y, float* saved, const float* bias, int rows, int cols,
                     Activation act) {
  if (bias == nullptr && saved == nullptr && act == Activation::identity) return;
  HWY_DYNAMIC_DISPATCH(BiasActivation)
  (y, saved, bias, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols), act);
}

void activation_gradient(float* dy, const float* y, const float* saved, float* bias_gradient,
                         int rows, int cols, Activation act) {
  HWY_DYNAMIC_DISPATCH(ActivationGradient)
  (dy, y, saved, bias_gradient, static_cast<std::size_t>(rows), static_cast<std::size_t>(cols),
   act);
}
}  // namespace vernier::engine::cpu
#endif
