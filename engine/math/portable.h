// Elementary functions from + - * / and sqrt alone, in double: unlike those of a C library they
// give the same bits on every machine with IEEE arithmetic (and no contraction into fused
// multiply-adds, which ISO mode forbids). For data sets and initial weights, which are part of what
// a stored trial replays. Relative error below 1e-14 (sin, cos: absolute, for |x| < 1e4).
#pragma once
#include <cmath>
#include <cstdint>
#include <cstring>

#include "core/rng.h"

namespace vernier::engine {

inline constexpr double pi = 3.14159265358979323846;

namespace detail {
VERNIER_HD inline double power_of_two(int exponent) {  // -1022 .. 1023
  const std::uint64_t bits = static_cast<std::uint64_t>(exponent + 1023) << 52;
  double value;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}
VERNIER_HD inline double nearest_integer(double x) {
  return static_cast<double>(static_cast<std::int64_t>(x + (x < 0 ? -0.5 : 0.5)));
}
}  // namespace detail

/// exp(x); 0 below -700, infinity above 709.
VERNIER_HD inline double portable_exp(double x) {
  if (x < -700) return 0;
  if (x > 709) return HUGE_VAL;
  const double k = detail::nearest_integer(x * 1.44269504088896340736);
  // ln 2 in two parts: the first has 33 bits, so that k times it is exact (Cody and Waite).
  const double r = (x - k * 0.693147180601954460144) - k * -4.20091512676595e-11;
  double term = 1;
  double sum = 1;
  for (int i = 1; i <= 14; ++i) {  // |r| <= 0.347: the last term is below 1e-17
    term *= r / i;
    sum += term;
  }
  return sum * detail::power_of_two(static_cast<int>(k));
}

/// ln x for normal x > 0, by 2 artanh((m - 1) / (m + 1)) of the mantissa m in [sqrt 1/2, sqrt 2).
VERNIER_HD inline double portable_log(double x) {
  std::uint64_t bits;
  std::memcpy(&bits, &x, sizeof bits);
  int exponent = static_cast<int>(bits >> 52) - 1023;
  bits = (bits & 0x000FFFFFFFFFFFFFu) | 0x3FF0000000000000u;
  double m;
  std::memcpy(&m, &bits, sizeof m);
  if (m > 1.41421356237309504880) {
    m *= 0.5;
    ++exponent;
  }
  const double s = (m - 1) / (m + 1);
  const double s2 = s * s;
  double sum = 0;
  for (int i = 21; i >= 1; i -= 2) sum = sum * s2 + 1.0 / i;
  return exponent * 0.693147180559945309417 + 2 * s * sum;
}

/// sin and cos of x, |x| < 1e4.
VERNIER_HD inline void portable_sincos(double x, double& sine, double& cosine) {
  const double k = detail::nearest_integer(x * 0.63661977236758134308);
  const double r = (x - k * 1.57079632673412561417) - k * 6.07710050650619224932e-11;
  const double r2 = r * r;
  double s = 0;
  double c = 0;
  for (int i = 19; i >= 3; i -= 2) s = (s + 1) * -r2 / (i * (i - 1));
  for (int i = 18; i >= 2; i -= 2) c = (c + 1) * -r2 / (i * (i - 1));
  s = r * (1 + s);
  c = 1 + c;
  const int quadrant = static_cast<int>(static_cast<std::int64_t>(k) & 3);
  sine = quadrant == 0 ? s : quadrant == 1 ? c : quadrant == 2 ? -s : -c;
  cosine = quadrant == 0 ? c : quadrant == 1 ? -s : quadrant == 2 ? -c : s;
}
VERNIER_HD inline double portable_sin(double x) {
  double s, c;
  portable_sincos(x, s, c);
  return s;
}
VERNIER_HD inline double portable_cos(double x) {
  double s, c;
  portable_sincos(x, s, c);
  return c;
}

VERNIER_HD inline double portable_tanh(double x) {
  if (x > 20 || x < -20) return x > 0 ? 1 : -1;
  const double e = portable_exp(2 * x);
  return (e - 1) / (e + 1);
}

/// Standard normal by Box and Muller (1958) from 128 random bits.
VERNIER_HD inline double portable_normal(const Philox4& bits) {
  const double u = 1 - unit_double(bits.v[0], bits.v[1]);  // (0, 1]
  return std::sqrt(-2 * portable_log(u)) * portable_cos(2 * pi * unit_double(bits.v[2], bits.v[3]));
}

}  // namespace vernier::engine
