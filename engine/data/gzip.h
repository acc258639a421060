// Reads gzip streams (RFC 1952) with a bound on what they may inflate to.
#pragma once
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace vernier::engine {

bool is_gzip(std::span<const std::byte> bytes);

/// Inflates a stream piece by piece; memory in use is what was asked for, never what the stream claims.
class GzipReader {
 public:
  /// `path` is for messages. Throws UsageError where the first two bytes are not gzip's.
  GzipReader(std::span<const std::byte> compressed, std::string path);
  ~GzipReader();
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  /// Up to `most` further bytes; fewer only at the end of the stream. Throws UsageError naming the compressed byte offset where the stream is
  /// damaged (checksum included) or ends early.
  std::vector<std::byte> read(std::size_t most);
  bool ended() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;  // zlib's state must not move
};

}  // namespace vernier::engine
