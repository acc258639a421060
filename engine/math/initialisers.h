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

/// How one tensor's elements are drawn: all equal to `scale`, uniform in [-scale, scale), or normal
/// with deviation `scale`.
struct InitRule {
  enum class Kind : std::uint8_t { constant, uniform, normal } kind = Kind::constant;
  double scale = 0;
};

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

/// Element `element` of tensor number `tensor` of the model. `key.stream` is Stream::init;
/// `element` is the index in the unpadded tensor.
inline float initial_weight(const InitRule& rule, const RngKey& key, std::uint32_t tensor,
                            std::uint64_t element) {
  if (rule.kind == InitRule::Kind::constant) return static_cast<float>(rule.scale);
  const Philox4 bits = random_block(key, tensor, element);
  if (rule.kind == InitRule::Kind::normal)
    return static_cast<float>(rule.scale * portable_normal(bits));
  return static_cast<float>(rule.scale * (2.0 * unit_double(bits.v[0], bits.v[1]) - 1.0));
}

}  // namespace vernier::engine
