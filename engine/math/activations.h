// Activation functions: value from the input, derivative from input and output. T is float or
// double.
//
//   identity    x                                  1
//   sigmoid     1 / (1 + exp(-x))                  y (1 - y)
//   tanh        tanh x                             1 - y^2
//   relu        max(0, x)                          [x > 0]; 0 at x = 0, as in PyTorch
//   leaky_relu  x or slope x, slope 0.01           1 or slope
//   softplus    log(1 + exp x)                     1 - exp(-y) = sigmoid(x)
//   elu         x or alpha (exp x - 1), alpha 1    1 or y + alpha (Clevert et al. 2016, eq. 15)
//   gelu        x Phi(x), exact with erf           Phi(x) + x phi(x) (Hendrycks and Gimpel 2016, eq. 2)
//   threshold   [x >= 0] (McCulloch and Pitts)     0: for inference only
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/rng.h"

namespace vernier::engine {

enum class Activation : std::uint8_t {
  identity,
  sigmoid,
  tanh,
  relu,
  leaky_relu,
  softplus,
  elu,
  gelu,
  threshold,
};

inline constexpr double leaky_relu_slope = 0.01;
inline constexpr double elu_alpha = 1.0;

struct ActivationInfo {
  Activation id;
  std::string_view name;
  bool trainable;  // has a useful derivative
};

/// In the order of the enumeration.
inline constexpr std::array<ActivationInfo, 9> activation_table{{
    {Activation::identity, "identity", true},
    {Activation::sigmoid, "sigmoid", true},
    {Activation::tanh, "tanh", true},
    {Activation::relu, "relu", true},
    {Activation::leaky_relu, "leaky_relu", true},
    {Activation::softplus, "softplus", true},
    {Activation::elu, "elu", true},
    {Activation::gelu, "gelu", true},
    {Activation::threshold, "threshold", false},
}};

constexpr std::optional<Activation> activation_from_name(std::string_view name) {
  for (const ActivationInfo& info : activation_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

/// False where the derivative follows from the output alone, so that the input need not be kept.
VERNIER_HD constexpr bool slope_needs_input(Activation a) { return a == Activation::gelu; }

template <Activation A, class T>
VERNIER_HD inline T activate(T x) {
  if constexpr (A == Activation::identity) {
    return x;
  } else if constexpr (A == Activation::sigmoid) {
    return T(1) / (T(1) + std::exp(-x));
  } else if constexpr (A == Activation::tanh) {
    return std::tanh(x);
  } else if constexpr (A == Activation::relu) {
    return x < T(0) ? T(0) : x;  // a NaN passes, so that divergence is seen
  } else if constexpr (A == Activation::leaky_relu) {
    return x < T(0) ? T(leaky_relu_slope) * x : x;
  } else if constexpr (A == Activation::softplus) {
    return (x > T(0) ? x : T(0)) + std::log1p(std::exp(x > T(0) ? -x : x));
  } else if constexpr (A == Activation::elu) {
    return x > T(0) ? x : T(elu_alpha) * std::expm1(x);
  } else if constexpr (A == Activation::gelu) {
    return T(0.5) * x * (T(1) + std::erf(x * T(0.70710678118654752440)));
  } else {
    return x >= T(0) ? T(1) : T(0);
  }
}

/// dy/dx where y = activate<A>(x). `x` is read only where slope_needs_input(A).
template <Activation A, class T>
VERNIER_HD inline T activate_slope([[maybe_unused]] T x, [[maybe_unused]] T y) {
  if constexpr (A == Activation::identity) {
    return T(1);
  } else if constexpr (A == Activation::sigmoid) {
    return y * (T(1) - y);
  } else if constexpr (A == Activation::tanh) {
    return T(1) - y * y;
  } else if constexpr (A == Activation::relu) {
    return y > T(0) ? T(1) : T(0);
  } else if constexpr (A == Activation::leaky_relu) {
    return y > T(0) ? T(1) : T(leaky_relu_slope);
  } else if constexpr (A == Activation::softplus) {
    return -std::expm1(-y);
  } else if constexpr (A == Activation::elu) {
    return y > T(0) ? T(1) : y + T(elu_alpha);
  } else if constexpr (A == Activation::gelu) {
    return T(0.5) * (T(1) + std::erf(x * T(0.70710678118654752440))) +
           x * T(0.39894228040143267794) * std::exp(T(-0.5) * x * x);
  } else {
    return T(0);
  }
}

/// Calls `visit.template operator()<A>()` for the activation known at run time: one branch outside
/// the loop over elements.
#if defined(__CUDACC__)
#pragma nv_exec_check_disable  // the visitor is of host or device, as its caller
#endif
template <class Visit>
VERNIER_HD inline decltype(auto) with_activation(Activation a, Visit&& visit) {
  switch (a) {
    case Activation::sigmoid:
      return visit.template operator()<Activation::sigmoid>();
    case Activation::tanh:
      return visit.template operator()<Activation::tanh>();
    case Activation::relu:
      return visit.template operator()<Activation::relu>();
    case Activation::leaky_relu:
      return visit.template operator()<Activation::leaky_relu>();
    case Activation::softplus:
      return visit.template operator()<Activation::softplus>();
    case Activation::elu:
      return visit.template operator()<Activation::elu>();
    case Activation::gelu:
      return visit.template operator()<Activation::gelu>();
    case Activation::threshold:
      return visit.template operator()<Activation::threshold>();
    case Activation::identity:
      break;
  }
  return visit.template operator()<Activation::identity>();
}

template <class T>
VERNIER_HD inline T activate(Activation a, T x) {
  return with_activation(a, [x]<Activation A>() { return activate<A>(x); });
}

template <class T>
VERNIER_HD inline T activate_slope(Activation a, T x, T y) {
  return with_activation(a, [x, y]<Activation A>() { return activate_slope<A>(x, y); });
}

}  // namespace vernier::engine
