// zlib streams (RFC 1950), which browsers inflate with DecompressionStream("deflate").
#pragma once
#include <span>
#include <vector>

namespace vernier::reports {

using Bytes = std::vector<unsigned char>;

Bytes deflate(std::span<const unsigned char> bytes);
/// Throws UsageError for damaged streams.
Bytes inflate(std::span<const unsigned char> stream);

}  // namespace vernier::reports
