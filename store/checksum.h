// CRC-32C over typed fields, each with its length or a mark for missing, so that no two rows share a text.
#pragma once
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

#include "core/hash.h"

namespace vernier::store {

class Checksum {
 public:
  Checksum& add(std::int64_t value) {
    crc_ = crc32c(std::as_bytes(std::span(&value, 1)), crc_);
    return *this;
  }
  Checksum& add(std::string_view text) {
    add(static_cast<std::int64_t>(text.size()));
    crc_ = crc32c(text, crc_);
    return *this;
  }
  Checksum& add(std::span<const std::byte> bytes) {
    add(static_cast<std::int64_t>(bytes.size()));
    crc_ = crc32c(bytes, crc_);
    return *this;
  }
  Checksum& add_real(std::optional<double> value) {
    add(std::int64_t{value.has_value()});
    return add(value ? std::bit_cast<std::int64_t>(*value) : 0);
  }
  Checksum& add_int(std::optional<std::int64_t> value) {
    add(std::int64_t{value.has_value()});
    return add(value.value_or(0));
  }
  std::uint32_t value() const { return crc_; }

 private:
  std::uint32_t crc_ = 0;
};

}  // namespace vernier::store
