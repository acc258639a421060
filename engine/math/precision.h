// In what numbers a network is trained (train.precision). Weights, optimizer states, sums and losses are always float.
//
//   fp32  float throughout: the reference, on every device
//   tf32  GPUs: the factors of a product are read with 10 bits of fraction, its sum is float
//   bf16  GPUs: values between layers, their gradients and the factors of products are kept with 7 bits of fraction
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace vernier::engine {

enum class Precision : std::uint8_t { fp32, tf32, bf16 };

struct PrecisionInfo {
  Precision id;
  std::string_view name;
};

/// In the order of the enumeration.
inline constexpr std::array<PrecisionInfo, 3> precision_table{{
    {Precision::fp32, "fp32"},
    {Precision::tf32, "tf32"},
    {Precision::bf16, "bf16"},
}};

constexpr std::optional<Precision> precision_from_name(std::string_view name) {
  for (const PrecisionInfo& info : precision_table) {
    if (info.name == name) return info.id;
  }
  return std::nullopt;
}

constexpr std::string_view precision_name(Precision precision) {
  return precision_table[static_cast<std::size_t>(precision)].name;
}

}  // namespace vernier::engine
