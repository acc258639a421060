// How the numbers of a tensor lie in memory, for host and device: as float, or rounded to bf16 (the upper half of a float: 8 bits of
// exponent, 7 of fraction). Kernels compute in float whatever they read. Which it is is the same for a whole launch, so that no two threads
// of a warp part ways over it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "core/rng.h"

namespace vernier::engine::cuda {

enum class Number : std::uint8_t { fp32, bf16 };

VERNIER_HD constexpr std::size_t bytes_of(Number number) {
  return number == Number::fp32 ? sizeof(float) : sizeof(std::uint16_t);
}

/// Rounded to the nearest, ties to even; NaN stays one.
VERNIER_HD inline std::uint16_t to_bf16(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (x != x) return static_cast<std::uint16_t>(bits >> 16 | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + (bits >> 16 & 1u)) >> 16);
}
VERNIER_HD inline float from_bf16(std::uint16_t half) {
  const std::uint32_t bits = static_cast<std::uint32_t>(half) << 16;
  float x;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// As a product of tf32 reads it: 10 bits of fraction, the nearest; ties go up in magnitude.
VERNIER_HD inline float to_tf32(float x) {
  std::uint32_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (!(x - x == 0)) return x;  // infinite or NaN
  bits = (bits + 0x1000u) & 0xFFFFE000u;
  std::memcpy(&x, &bits, sizeof x);
  return x;
}

/// The numbers of every lane, `stride` numbers from one lane's to the next (0: the same for all). Data null: there are none.
struct ConstCells {
  const void* data = nullptr;
  std::size_t stride = 0;
  Number number = Number::fp32;

  VERNIER_HD explicit operator bool() const { return data != nullptr; }
  VERNIER_HD float operator[](std::size_t i) const {
    return number == Number::fp32 ? static_cast<const float*>(data)[i]
                                  : from_bf16(static_cast<const std::uint16_t*>(data)[i]);
  }
  /// From number i on.
  VERNIER_HD ConstCells from(std::size_t i) const {
    return {static_cast<const unsigned char*>(data) + i * bytes_of(number), stride, number};
  }
  VERNIER_HD ConstCells of(int lane) const { return from(static_cast<std::size_t>(lane) * stride); }
};

struct Cells {
  void* data = nullptr;
  std::size_t stride = 0;
  Number number = Number::fp32;

  VERNIER_HD operator ConstCells() const { return {data, stride, number}; }
  VERNIER_HD explicit operator bool() const { return data != nullptr; }
  VERNIER_HD float operator[](std::size_t i) const { return ConstCells(*this)[i]; }
  VERNIER_HD void set(std::size_t i, float x) const {
    if (number == Number::fp32) {
      static_cast<float*>(data)[i] = x;
    } else {
      static_cast<std::uint16_t*>(data)[i] = to_bf16(x);
    }
  }
  VERNIER_HD Cells from(std::size_t i) const {
    return {static_cast<unsigned char*>(data) + i * bytes_of(number), stride, number};
  }
  VERNIER_HD Cells of(int lane) const { return from(static_cast<std::size_t>(lane) * stride); }
};

}  // namespace vernier::engine::cuda
