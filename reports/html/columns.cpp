#include "reports/html/columns.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace vernier::reports {

namespace {

constexpr int kTop = 4095;

void add_float(Bytes& blob, float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) {
    blob.push_back(static_cast<unsigned char>(bits >> shift & 255));
  }
}

float read_float(std::span<const unsigned char> blob, std::size_t& at) {
  std::uint32_t bits = 0;
  for (int shift = 0; shift < 32; shift += 8) {
    bits |= static_cast<std::uint32_t>(blob[at++]) << shift;
  }
  return std::bit_cast<float>(bits);
}

std::int32_t read_signed(std::span<const unsigned char> blob, std::size_t& at) {
  std::uint32_t value = 0;
  for (int shift = 0;; shift += 7) {
    const unsigned char byte = blob[at++];
    value |= static_cast<std::uint32_t>(byte & 127) << shift;
    if (byte < 128) break;
  }
  return static_cast<std::int32_t>(value >> 1) ^ -static_cast<std::int32_t>(value & 1);
}

}  // namespace

std::size_t add_column(Bytes& blob, std::span<const double> values) {
  const std::size_t offset = blob.size(), n = values.size();
  blob.resize(offset + 8 * n);
  for (std::size_t i = 0; i < n; ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(values[i]);
    for (std::size_t plane = 0; plane < 8; ++plane) {
      blob[offset + plane * n + i] = static_cast<unsigned char>(bits >> (8 * plane) & 255);
    }
  }
  return offset;
}

std::vector<double> read_column(std::span<const unsigned char> blob, std::size_t offset,
                                std::size_t n) {
  std::vector<double> values(n);
  for (std::size_t i = 0; i < n; ++i) {
    std::uint64_t bits = 0;
    for (std::size_t plane = 0; plane < 8; ++plane) {
      bits |= static_cast<std::uint64_t>(blob[offset + plane * n + i]) << (8 * plane);
    }
    values[i] = std::bit_cast<double>(bits);
  }
  return values;
}

void add_varint(Bytes& blob, std::uint32_t value) {
  for (; value >= 128; value >>= 7) blob.push_back(static_cast<unsigned char>(value | 128));
  blob.push_back(static_cast<unsigned char>(value));
}

void add_signed(Bytes& blob, std::int32_t value) {
  add_varint(blob,
             static_cast<std::uint32_t>(value) << 1 ^ static_cast<std::uint32_t>(value >> 31));
}

void add_curve(Bytes& blob, std::span<const double> values) {
  // Beyond float32's range a value cannot be drawn: it counts as missing, like NaN.
  constexpr double kLargest = std::numeric_limits<float>::max();
  const auto drawn = [](double x) { return std::abs(x) <= kLargest; };
  double low = INFINITY, high = -INFINITY;
  for (const double x : values) {
    if (!drawn(x)) continue;
    low = std::min(low, x);
    high = std::max(high, x);
  }
  if (low > high) {
    blob.push_back(0);
    return;
  }
  const bool log = low > 0 && high > 100 * low;
  const auto at = [log](double x) { return log ? std::log(x) : x; };
  blob.push_back(log ? 2 : 1);
  const auto from = static_cast<float>(at(low)), to = static_cast<float>(at(high));
  add_float(blob, from);
  add_float(blob, to);
  const double width = static_cast<double>(to) - from;
  int previous = 0;
  for (const double x : values) {
    int code = 0;
    if (drawn(x)) {
      const double share = width > 0 ? (at(x) - from) / width : 0;
      code = 1 + static_cast<int>(std::lround(std::clamp(share, 0.0, 1.0) * (kTop - 1)));
    }
    add_signed(blob, code - previous);
    previous = code;
  }
}

std::vector<double> read_curve(std::span<const unsigned char> blob, std::size_t& at,
                               std::size_t n) {
  std::vector<double> values(n, std::numeric_limits<double>::quiet_NaN());
  const int mode = blob[at++];
  if (mode == 0) return values;
  const double from = read_float(blob, at), to = read_float(blob, at);
  int code = 0;
  for (double& value : values) {
    code += read_signed(blob, at);
    if (code == 0) continue;
    const double x = from + (to - from) * (code - 1) / (kTop - 1);
    value = mode == 2 ? std::exp(x) : x;
  }
  return values;
}

}  // namespace vernier::reports
