// Optimizers: one update of one weight. Formulas and defaults as in torch.optim (2.x), which the
// tests hold as oracle. g is the gradient, to which weight_decay * w is added first (coupled, L2),
// but for adamw, which shrinks w by lr * weight_decay (Loshchilov and Hutter 2019). b1, b2: betas;
// t counts updates from 1; states start at 0.
//
//   sgd           w -= lr g
//   momentum      v = m v + g;              w -= lr v          heavy ball (Polyak 1964, Sutskever et al. 2013); m 0.9
//   momentum_ema  v = m v + (1 - m) g;      w -= lr v          exponentially weighted form; m 0.9
//   nesterov      v = m v + g;              w -= lr (g + m v)  m 0.9
//   adagrad       s += g^2;                 w -= lr g / (sqrt s + eps)                          eps 1e-10 (Duchi et al. 2011)
//   rmsprop       s = b2 s + (1 - b2) g^2;  v = m v + g / (sqrt s + eps);  w -= lr v            b2 0.99, m 0, eps 1e-8
//   adam          v = b1 v + (1 - b1) g;    s = b2 s + (1 - b2) g^2;
//                 w -= lr / (1 - b1^t) v / (sqrt s / sqrt(1 - b2^t) + eps)                      0.9, 0.999, 1e-8 (Kingma and Ba 2015)
//   amsgrad       as adam with the running maximum of s in the denominator (Reddi et al. 2018)
//   adamw         as adam; weight_decay 0.01
//   nadam         Dozat 2016 with the momentum schedule mu_t = b1 (1 - 0.96^(0.004 t) / 2)
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/rng.h"

namespace vernier::engine {

enum class Optimizer : std::uint8_t {
  sgd,
  momentum,
  momentum_ema,
  nesterov,
  adagrad,
  rmsprop,
  adam,
  amsgrad,
  adamw,
  nadam,
};

/// Settings of one lane; the learning rate comes from the schedule at each update. Unused ones are
/// ignored.
struct OptimizerHyper {
  double momentum = 0.9;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double weight_decay = 0;
};

struct OptimizerInfo {
  Optimizer id;
  std::string_view name;
  int states;               // tensors of the weights' shape kept between updates
  OptimizerHyper defaults;  // of torch.optim
};

/// In the order of the enumeration.
inline constexpr std::array<OptimizerInfo, 10> optimizer_table{{
    {Optimizer::sgd, "sgd", 0, {}},
    {Optimizer::momentum, "momentum", 1, {}},
    {Optimizer::momentum_ema, "momentum_ema", 1, {}},
    {Optimizer::nesterov, "nesterov", 1, {}},
    {Optimizer::adagrad, "adagrad", 1, {.eps = 1e-10}},
    {Optimizer::rmsprop, "rmsprop", 2, {.momentum = 0, .beta2 = 0.99}},
    {Optimizer::adam, "adam", 2, {}},
    {Optimizer::amsgrad, "amsgrad", 3, {}},
    {Optimizer::adamw, "adamw", 2, {.weight_decay = 0.01}},
    {Optimizer::nadam, "nadam", 2, {}},
}};

inline constexpr int max_optimizer_states = 3;

VERNIER_HD constexpr int optimizer_states(Optimizer o) {
  return o == Optimizer::sgd ? 0 : o == Optimizer::amsgrad ? 3 : o >= Optimizer::rmsprop ? 2 : 1;
}

constexpr const OptimizerInfo& optimizer_info(Optimizer o) {
  return optimizer_table[static_cast<std::size_t>(o)];
}

constexpr std::optional<Optimizer> optimizer_from_name(std::string_view name) {
  for (const OptimizerInfo& info : optimizer_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

/// What an optimizer remembers of a lane besides its state tensors. Part of every checkpoint.
struct OptimizerClock {
  std::int64_t updates = 0;
  double mu_product = 1;  // nadam: product of mu_1 .. mu_t
};

/// Everything of one lane's update that does not depend on the weight. The names are those of the
/// formulas above.
template <class T>
struct OptimizerStep {
  T lr, momentum, beta1, beta2, eps, weight_decay;
  T step_size;        // adam: lr / (1 - b1^t); nadam: lr (1 - mu_t) / (1 - mu_product)
  T next_size;        // nadam: lr mu_{t+1} / (1 - mu_product mu_{t+1})
  T root_correction;  // sqrt(1 - b2^t)
  T shrink;           // adamw: 1 - lr weight_decay; else 1
};

/// Advances the clock by one update and computes its coefficients in double. momentum_decay of
/// nadam: 0.004.
template <class T>
VERNIER_HD inline OptimizerStep<T> next_step(Optimizer o, const OptimizerHyper& hyper, double lr,
                                             OptimizerClock& clock) {
  const double t = static_cast<double>(++clock.updates);
  double step_size = lr;
  double next_size = 0;
  double root_correction = 1;
  if (o >= Optimizer::adam) root_correction = std::sqrt(1 - std::pow(hyper.beta2, t));
  if (o == Optimizer::nadam) {
    const double mu = hyper.beta1 * (1 - 0.5 * std::pow(0.96, t * 0.004));
    const double mu_next = hyper.beta1 * (1 - 0.5 * std::pow(0.96, (t + 1) * 0.004));
    clock.mu_product *= mu;
    step_size = lr * (1 - mu) / (1 - clock.mu_product);
    next_size = lr * mu_next / (1 - clock.mu_product * mu_next);
  } else if (o >= Optimizer::adam) {
    step_size = lr / (1 - std::pow(hyper.beta1, t));
  }
  const double shrink = o == Optimizer::adamw ? 1 - lr * hyper.weight_decay : 1;
  return {static_cast<T>(lr),
          static_cast<T>(hyper.momentum),
          static_cast<T>(hyper.beta1),
          static_cast<T>(hyper.beta2),
          static_cast<T>(hyper.eps),
          static_cast<T>(o == Optimizer::adamw ? 0 : hyper.weight_decay),
          static_cast<T>(step_size),
          static_cast<T>(next_size),
          static_cast<T>(root_correction),
          static_cast<T>(shrink)};
}

/// One weight. a, b, c: its elements of the first, second and third state tensor; those the
/// optimizer lacks are not touched.
template <Optimizer O, class T>
VERNIER_HD inline void update_weight(const OptimizerStep<T>& p, T& w, T g, [[maybe_unused]] T& a,
                                     [[maybe_unused]] T& b, [[maybe_unused]] T& c) {
  g += p.weight_decay * w;
  if constexpr (O == Optimizer::sgd) {
    w -= p.lr * g;
  } else if constexpr (O == Optimizer::momentum) {
    a = p.momentum * a + g;
    w -= p.lr * a;
  } else if constexpr (O == Optimizer::momentum_ema) {
    a = p.momentum * a + (T(1) - p.momentum) * g;
    w -= p.lr * a;
  } else if constexpr (O == Optimizer::nesterov) {
    a = p.momentum * a + g;
    w -= p.lr * (g + p.momentum * a);
  } else if constexpr (O == Optimizer::adagrad) {
    a += g * g;
    w -= p.lr * (g / (std::sqrt(a) + p.eps));
  } else if constexpr (O == Optimizer::rmsprop) {
    a = p.beta2 * a + (T(1) - p.beta2) * g * g;
    b = p.momentum * b + g / (std::sqrt(a) + p.eps);
    w -= p.lr * b;
  } else if constexpr (O == Optimizer::nadam) {
    a += (T(1) - p.beta1) * (g - a);
    b = p.beta2 * b + (T(1) - p.beta2) * g * g;
    w -= (p.step_size * g + p.next_size * a) / (std::sqrt(b) / p.root_correction + p.eps);
  } else {
    if constexpr (O == Optimizer::adamw) w *= p.shrink;
    a += (T(1) - p.beta1) * (g - a);
    b = p.beta2 * b + (T(1) - p.beta2) * g * g;
    T s = b;
    if constexpr (O == Optimizer::amsgrad) {
      c = b > c ? b : c;
      s = c;
    }
    w -= p.step_size * (a / (std::sqrt(s) / p.root_correction + p.eps));
  }
}

/// Calls `visit.template operator()<O>()` for the optimizer known at run time.
#if defined(__CUDACC__)
#pragma nv_exec_check_disable  // the visitor is of host or device, as its caller
#endif
template <class Visit>
VERNIER_HD inline decltype(auto) with_optimizer(Optimizer o, Visit&& visit) {
  switch (o) {
    case Optimizer::momentum:
      return visit.template operator()<Optimizer::momentum>();
    case Optimizer::momentum_ema:
      return visit.template operator()<Optimizer::momentum_ema>();
    case Optimizer::nesterov:
      return visit.template operator()<Optimizer::nesterov>();
    case Optimizer::adagrad:
      return visit.template operator()<Optimizer::adagrad>();
    case Optimizer::rmsprop:
      return visit.template operator()<Optimizer::rmsprop>();
    case Optimizer::adam:
      return visit.template operator()<Optimizer::adam>();
    case Optimizer::amsgrad:
      return visit.template operator()<Optimizer::amsgrad>();
    case Optimizer::adamw:
      return visit.template operator()<Optimizer::adamw>();
    case Optimizer::nadam:
      return visit.template operator()<Optimizer::nadam>();
    case Optimizer::sgd:
      break;
  }
  return visit.template operator()<Optimizer::sgd>();
}

}  // namespace vernier::engine
