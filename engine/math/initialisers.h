// Initial weights. Element i of a tensor is a function of (seed, repeat, tensor, i) alone; drawn on the host, the same bits everywhere.
//
//   zeros            0
//   constant         gain, default 0.01
//   uniform          U(-a, a), a = gain, default 1 / sqrt(fan_in) (as torch.nn.Linear)
//   glorot_uniform   U(-a, a), a = gain sqrt(6 / (fan_in + fan_out))  (Glorot and Bengio 2010, eq. 16)
//   glorot_normal    N(0, gain^2 2 / (fan_in + fan_out))              (eq. 12)
//   he_uniform       U(-a, a), a = gain sqrt(3 / fan_in)              (He et al. 2015, eq. 10)
//   he_normal        N(0, gain^2 / fan_in)
//   lecun_uniform    as he_uniform with gain 1 by default             (LeCun et al. 1998, section 4.6)
//   lecun_normal     as he_normal with gain 1 by default
// "glorot", "he" and "lecun" are glorot_uniform, he_normal and lecun_normal, as their authors drew them.
//
// A convolution can also start as an image filter: edge, sharpen, blur, or nine numbers. The 3 x 3 kernel lies in the middle of the window, zeros
// around it; every filter starts with it, averaged over its input channels, times gain (default 1).
//
// The gain of glorot and he is, unless given, that of the activation which follows (torch.nn.init.calculate_gain): 1 for identity, sigmoid
// and threshold, 5/3 for tanh, sqrt 2 for relu and (where PyTorch names none) softplus, elu and gelu, sqrt(2 / (1 + slope^2)) for
// leaky_relu. fan_in and fan_out: inputs and outputs of one unit times the kernel's area.
#pragma once
#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/rng.h"
#include "engine/math/activations.h"
#include "engine/math/portable.h"

namespace vernier::engine {

enum class Initialiser : std::uint8_t {
  zeros,
  constant,
  uniform,
  glorot_uniform,
  glorot_normal,
  he_uniform,
  he_normal,
  lecun_uniform,
  lecun_normal,
};

struct InitialiserInfo {
  Initialiser id;
  std::string_view name;
};

/// In the order of the enumeration, then the short names.
inline constexpr std::array<InitialiserInfo, 12> initialiser_table{{
    {Initialiser::zeros, "zeros"},
    {Initialiser::constant, "constant"},
    {Initialiser::uniform, "uniform"},
    {Initialiser::glorot_uniform, "glorot_uniform"},
    {Initialiser::glorot_normal, "glorot_normal"},
    {Initialiser::he_uniform, "he_uniform"},
    {Initialiser::he_normal, "he_normal"},
    {Initialiser::lecun_uniform, "lecun_uniform"},
    {Initialiser::lecun_normal, "lecun_normal"},
    {Initialiser::glorot_uniform, "glorot"},
    {Initialiser::he_normal, "he"},
    {Initialiser::lecun_normal, "lecun"},
}};

constexpr std::optional<Initialiser> initialiser_from_name(std::string_view name) {
  for (const InitialiserInfo& info : initialiser_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

/// He for relu and its kin, Glorot for the others (sigmoid, tanh, threshold, identity).
constexpr Initialiser default_initialiser(Activation a) {
  return a == Activation::relu || a == Activation::leaky_relu || a == Activation::softplus ||
                 a == Activation::elu || a == Activation::gelu
             ? Initialiser::he_normal
             : Initialiser::glorot_uniform;
}

inline double activation_gain(Activation a) {
  switch (a) {
    case Activation::tanh:
      return 5.0 / 3.0;
    case Activation::relu:
    case Activation::softplus:
    case Activation::elu:
    case Activation::gelu:
      return std::sqrt(2.0);
    case Activation::leaky_relu:
      return std::sqrt(2.0 / (1.0 + leaky_relu_slope * leaky_relu_slope));
    default:
      return 1.0;
  }
}

/// Three rows of three.
using HandKernel = std::array<double, 9>;
struct HandKernelInfo {
  std::string_view name;
  HandKernel kernel;
};
inline constexpr std::array<HandKernelInfo, 3> hand_kernel_table{{
    {"edge", {-1, -1, -1, -1, 8, -1, -1, -1, -1}},
    {"sharpen", {0, -1, 0, -1, 5, -1, 0, -1, 0}},
    {"blur", {1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9, 1.0 / 9}},
}};

constexpr std::optional<HandKernel> hand_kernel_from_name(std::string_view name) {
  for (const HandKernelInfo& info : hand_kernel_table) {
    if (info.name == name) return info.kernel;
  }
  return std::nullopt;
}

/// A convolution's weights: (height, width, inputs, filters).
struct KernelShape {
  int height = 0, width = 0, inputs = 0, filters = 0;
};

/// How one tensor's elements are drawn: all equal to `scale`, uniform in [-scale, scale), normal with deviation `scale`, or a kernel given by
/// hand times `scale`.
struct InitRule {
  enum class Kind : std::uint8_t { constant, uniform, normal, kernel } kind = Kind::constant;
  double scale = 0;
  HandKernel kernel{};
  KernelShape shape{};
};

/// Height and width of at least 3.
inline InitRule kernel_rule(const HandKernel& kernel, const KernelShape& shape, double gain) {
  return {InitRule::Kind::kernel, gain / shape.inputs, kernel, shape};
}

/// fan_in, fan_out >= 1. `next`: the activation that follows the layer (identity after the last
/// one).
inline InitRule init_rule(Initialiser init, Activation next, double fan_in, double fan_out,
                          std::optional<double> gain) {
  using Kind = InitRule::Kind;
  const double by_activation = gain.value_or(activation_gain(next));
  switch (init) {
    case Initialiser::zeros:
      return {Kind::constant, 0.0};
    case Initialiser::constant:
      return {Kind::constant, gain.value_or(0.01)};
    case Initialiser::uniform:
      return {Kind::uniform, gain.value_or(1.0 / std::sqrt(fan_in))};
    case Initialiser::glorot_uniform:
      return {Kind::uniform, by_activation * std::sqrt(6.0 / (fan_in + fan_out))};
    case Initialiser::glorot_normal:
      return {Kind::normal, by_activation * std::sqrt(2.0 / (fan_in + fan_out))};
    case Initialiser::he_uniform:
      return {Kind::uniform, by_activation * std::sqrt(3.0 / fan_in)};
    case Initialiser::he_normal:
      return {Kind::normal, by_activation / std::sqrt(fan_in)};
    case Initialiser::lecun_uniform:
      return {Kind::uniform, gain.value_or(1.0) * std::sqrt(3.0 / fan_in)};
    case Initialiser::lecun_normal:
      return {Kind::normal, gain.value_or(1.0) / std::sqrt(fan_in)};
  }
  return {};
}

/// Element of a kernel given by hand, in a window of zeros; an even window has its middle above and left, as `same` padding has.
inline double kernel_weight(const InitRule& rule, std::uint64_t element) {
  const KernelShape& s = rule.shape;
  const auto place = static_cast<int>(
      element / (static_cast<std::uint64_t>(s.inputs) * static_cast<std::uint64_t>(s.filters)));
  const int row = place / s.width - (s.height - 1) / 2 + 1;
  const int column = place % s.width - (s.width - 1) / 2 + 1;
  if (row < 0 || row > 2 || column < 0 || column > 2) return 0;
  return rule.scale * rule.kernel[static_cast<std::size_t>(3 * row + column)];
}

/// Element `element` of tensor number `tensor` of the model. `key.stream` is Stream::init;
/// `element` is the index in the unpadded tensor.
inline float initial_weight(const InitRule& rule, const RngKey& key, std::uint32_t tensor,
                            std::uint64_t element) {
  if (rule.kind == InitRule::Kind::constant) return static_cast<float>(rule.scale);
  if (rule.kind == InitRule::Kind::kernel) return static_cast<float>(kernel_weight(rule, element));
  const Philox4 bits = random_block(key, tensor, element);
  if (rule.kind == InitRule::Kind::normal)
    return static_cast<float>(rule.scale * portable_normal(bits));
  return static_cast<float>(rule.scale * (2.0 * unit_double(bits.v[0], bits.v[1]) - 1.0));
}

}  // namespace vernier::engine
