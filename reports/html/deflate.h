// zlib streams (RFC 1950), which browsers inflate with DecompressionStream("deflate").
#pragma once
#include <span>
#include <vector>

namespace vernier::reports {

using Bytes = std::vector<unsigned char>;

/// `level` 1 (fast) to 9 (small); 0: 9, or 6 above 16 MiB.
Bytes deflate(std::span<const unsigned char> bytes, int level = 0);
/// Throws UsageError for damaged streams.
Bytes inflate(std::span<const unsigned char> stream);

}  // namespace vernier::reports
