// The bytes of a data file from the front, plain or inflated on the way, and where in it one stands.
#pragma once
#include <algorithm>
#include <cstddef>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/data/inflate.h"

namespace vernier::engine {

class ByteReader {
 public:
  explicit ByteReader(std::span<const std::byte> bytes) : bytes_(bytes) {}
  /// `name` and `offset` as in Inflater.
  ByteReader(std::span<const std::byte> bytes, const std::string& name, Framing framing,
             std::size_t offset = 0)
      : bytes_(bytes), inflater_(std::make_unique<Inflater>(bytes, name, framing, offset)) {}

  bool compressed() const { return inflater_ != nullptr; }
  /// The most that can still come: of a compressed stream what its length allows.
  std::size_t bound() const {
    return inflater_ ? bytes_.size() * most_inflation : bytes_.size() - at_;
  }
  /// Bytes taken so far, inflated ones where it is compressed.
  std::size_t at() const { return at_; }

  /// The next n bytes; fewer at the end.
  std::vector<std::byte> take(std::size_t n) {
    if (inflater_) {
      std::vector<std::byte> out = inflater_->read(n);
      at_ += out.size();
      return out;
    }
    n = std::min(n, bytes_.size() - at_);
    const auto part = bytes_.subspan(at_, n);
    at_ += n;
    return {part.begin(), part.end()};
  }

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::unique_ptr<Inflater> inflater_;
};

}  // namespace vernier::engine
