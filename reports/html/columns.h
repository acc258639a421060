// The binary part of the payload: exact columns of doubles and quantised curves, one after the other.
#pragma once
#include <cstdint>
#include <span>

#include "reports/html/deflate.h"

namespace vernier::reports {

/// Appends n doubles (IEEE 754, little endian) byte plane by byte plane: all lowest bytes first, then the next ones, ... Equal
/// signs and exponents stand together, so that deflate finds them. Missing values are NaN. Returns the offset of the column.
std::size_t add_column(Bytes& blob, std::span<const double> values);
/// Reads one back.
std::vector<double> read_column(std::span<const unsigned char> blob, std::size_t offset,
                                std::size_t n);

/// LEB128: 7 bits a byte, lowest first.
void add_varint(Bytes& blob, std::uint32_t value);
/// Signed values by zigzag: 0, -1, 1, -2, ... become 0, 1, 2, 3.
void add_signed(Bytes& blob, std::int32_t value);

/// A curve as 12-bit values over its own range, for plots: relative error of the range 1 / 8188.
///   byte mode: 0 no finite value (nothing follows), 1 linear, 2 logarithmic (all values > 0, largest > 100 x smallest)
///   float32 low, high (of ln x in mode 2); then per value the signed difference to the previous code (first: to 0).
///   Code 0: missing; code c >= 1: low + (high - low) (c - 1) / 4094.
void add_curve(Bytes& blob, std::span<const double> values);
/// Reads n values back, as the page does; `at` advances.
std::vector<double> read_curve(std::span<const unsigned char> blob, std::size_t& at, std::size_t n);

}  // namespace vernier::reports
