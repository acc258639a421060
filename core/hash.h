// Checksums and content hashes of bytes.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace vernier {

/// CRC-32C (Castagnoli, reflected, as in iSCSI, RFC 3720). `crc` continues an earlier result.
std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t crc = 0);
std::uint32_t crc32c(std::string_view text, std::uint32_t crc = 0);

namespace detail {
/// The same where the processor has no instruction for it.
std::uint32_t crc32c_by_table(std::span<const std::byte> bytes, std::uint32_t crc = 0);
}  // namespace detail

/// XXH3-128 as 32 hexadecimal digits: names of checkpoints, hashes of weights and specifications. Not cryptographic.
std::string content_hash(std::span<const std::byte> bytes);
std::string content_hash(std::string_view text);

}  // namespace vernier
