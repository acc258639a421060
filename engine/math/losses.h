// Losses of one example from its outputs z (n), and their derivative by z. T is float or double.
// The caller averages over the batch: pass scale = 1 / batch and add the returned values times the same.
//
//   cross_entropy         -sum_k q_k log softmax(z)_k, q = (1 - s) onehot + s / n (label smoothing s; Szegedy et al. 2016, eq. 6);
//                         computed as logsumexp, so that no logit overflows. dz = softmax(z) - q.
//   binary_cross_entropy  mean_k of max(z, 0) - z t + log(1 + exp(-|z|)); t = 0 or 1, smoothed to t (1 - s) + s / 2.
//                         dz = (sigmoid(z) - t) / n.
//   mse                   mean_k of (z - t)^2. dz = 2 (z - t) / n.
//   perceptron            mean_k of max(0, -y z), y = -1 or 1 (Rosenblatt). dz = -y [y z <= 0] / n: an example on the boundary
//                         counts as wrong, so that learning from zero weights starts.
//
// Classes with one output: the target is label (0 or 1). With several: one against the rest. As in
// torch.nn with reduction "mean".
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/rng.h"

namespace vernier::engine {

enum class Loss : std::uint8_t { cross_entropy, binary_cross_entropy, mse, perceptron };

struct LossInfo {
  Loss id;
  std::string_view name;
  bool for_classes;
  bool for_numbers;
};

/// In the order of the enumeration.
inline constexpr std::array<LossInfo, 4> loss_table{{
    {Loss::cross_entropy, "cross_entropy", true, false},
    {Loss::binary_cross_entropy, "binary_cross_entropy", true, false},
    {Loss::mse, "mse", true, true},
    {Loss::perceptron, "perceptron", true, false},
}};

constexpr std::optional<Loss> loss_from_name(std::string_view name) {
  for (const LossInfo& info : loss_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

/// n >= 2, 0 <= label < n, smoothing in [0, 1). dz may be null (evaluation) or z itself.
template <class T>
VERNIER_HD inline T cross_entropy(const T* z, int n, int label, T smoothing, T scale, T* dz) {
  T largest = z[0];
  T total = z[0];
  for (int k = 1; k < n; ++k) {
    largest = z[k] > largest ? z[k] : largest;
    total += z[k];
  }
  T sum = T(0);
  for (int k = 0; k < n; ++k) sum += std::exp(z[k] - largest);
  const T log_sum = largest + std::log(sum);
  const T off = smoothing / static_cast<T>(n);
  const T value = log_sum - (T(1) - smoothing) * z[label] - off * total;
  if (dz != nullptr) {
    for (int k = 0; k < n; ++k) {
      const T q = off + (k == label ? T(1) - smoothing : T(0));
      dz[k] = scale * (std::exp(z[k] - log_sum) - q);
    }
  }
  return value;
}

/// One output z with target t in [0, 1].
template <class T>
VERNIER_HD inline T binary_cross_entropy(T z, T t, T& slope) {
  const T e = std::exp(z > T(0) ? -z : z);
  slope = (z > T(0) ? T(1) : e) / (T(1) + e) - t;
  return (z > T(0) ? z : T(0)) - z * t + std::log1p(e);
}

template <class T>
VERNIER_HD inline T squared_error(T z, T t, T& slope) {
  slope = T(2) * (z - t);
  return (z - t) * (z - t);
}

/// y is -1 or 1.
template <class T>
VERNIER_HD inline T perceptron(T z, T y, T& slope) {
  const T margin = y * z;
  slope = margin > T(0) ? T(0) : -y;
  return margin > T(0) ? T(0) : -margin;
}

/// Loss of one example of a class. smoothing is used by the cross-entropies. dz may be null or z
/// itself.
template <class T>
VERNIER_HD inline T class_loss(Loss loss, const T* z, int n, int label, T smoothing, T scale,
                               T* dz) {
  if (loss == Loss::cross_entropy) return cross_entropy(z, n, label, smoothing, scale, dz);
  T value = T(0);
  const T share = T(1) / static_cast<T>(n);
  for (int k = 0; k < n; ++k) {
    const bool positive = n == 1 ? label == 1 : k == label;
    const T t = positive ? T(1) : T(0);
    T slope = T(0);
    if (loss == Loss::binary_cross_entropy) {
      value += binary_cross_entropy(z[k], t * (T(1) - smoothing) + T(0.5) * smoothing, slope);
    } else if (loss == Loss::mse) {
      value += squared_error(z[k], t, slope);
    } else {
      value += perceptron(z[k], positive ? T(1) : T(-1), slope);
    }
    if (dz != nullptr) dz[k] = scale * share * slope;
  }
  return value * share;
}

/// Mean squared error of one example with numbers as targets (n). dz may be null or z itself.
template <class T, class Target>
VERNIER_HD inline T number_loss(const T* z, int n, const Target* target, T scale, T* dz) {
  T value = T(0);
  const T share = T(1) / static_cast<T>(n);
  for (int k = 0; k < n; ++k) {
    T slope = T(0);
    value += squared_error(z[k], static_cast<T>(target[k]), slope);
    if (dz != nullptr) dz[k] = scale * share * slope;
  }
  return value * share;
}

/// The first largest output; with one output class 1 where it is > 0.
template <class T>
VERNIER_HD inline int predicted_class(const T* z, int n) {
  if (n == 1) return z[0] > T(0) ? 1 : 0;
  int best = 0;
  for (int k = 1; k < n; ++k) best = z[k] > z[best] ? k : best;
  return best;
}

}  // namespace vernier::engine
