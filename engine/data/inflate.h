// Inflates gzip (RFC 1952) and zlib (RFC 1950) streams with a bound on what they may become.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace vernier::engine {

/// The most that deflate reaches: bytes out for each byte in.
inline constexpr std::size_t most_inflation = 1032;

enum class Framing { gzip, zlib };

bool is_gzip(std::span<const std::byte> bytes);

/// Inflates a stream piece by piece; memory in use is what was asked for, never what the stream claims.
class Inflater {
 public:
  /// `path` is for messages, and `offset`: where in that file the stream begins.
  Inflater(std::span<const std::byte> compressed, std::string path, Framing framing,
           std::size_t offset = 0);
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  /// Up to `most` further bytes; fewer only at the end of the stream. Throws UsageError naming the compressed byte offset where the stream is
  /// damaged (checksum included) or ends early.
  std::vector<std::byte> read(std::size_t most);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // zlib's state must not move
};

}  // namespace vernier::engine
