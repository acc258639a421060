// Numbers in the bytes of a data file, in either byte order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace vernier::engine {

/// The T at `at`. Precondition: at + sizeof(T) <= bytes.size().
template <class T>
T number_at(std::span<const std::byte> bytes, std::size_t at, bool big_endian) {
  std::byte raw[sizeof(T)];
  for (std::size_t i = 0; i < sizeof(T); ++i)
    raw[i] = bytes[at + (big_endian ? sizeof(T) - 1 - i : i)];
  T value;
  std::memcpy(&value, raw, sizeof(T));
  return value;
}

}  // namespace vernier::engine
