// Random access into a random permutation, for host and device: the order of examples in an epoch without a stored table.
// Alternating Feistel network of 6 rounds on ceil(log2 n) bits, at least 6, with cycle walking into 0 .. n-1 (Black and Rogaway,
// "Ciphers with Arbitrary Finite Domains", 2002). The round keys are Philox words; the round function is MurmurHash3's finaliser.
#pragma once
#include <cstdint>

#include "core/rng.h"

namespace vernier {

/// One permutation of 0 .. n-1; a function of (n, key, epoch) alone. 1 <= n <= 2^62. Fixed for ever: stored trials are
/// replayed with it (test vectors in tests/core/shuffle_test.cpp).
class Shuffle {
 public:
  VERNIER_HD Shuffle(std::uint64_t n, const RngKey& key, std::uint32_t epoch) : n_(n) {
    int bits = 6;  // on fewer, the orders are not equally frequent
    while (bits < 62 && (std::uint64_t{1} << bits) < n) ++bits;
    left_bits_ = bits / 2;
    right_bits_ = bits - left_bits_;
    const Philox4 first = random_block(key, epoch, 0), second = random_block(key, epoch, 1);
    for (int i = 0; i < 4; ++i) round_keys_[i] = first.v[i];
    for (int i = 0; i < 2; ++i) round_keys_[4 + i] = second.v[i];
  }

  /// Where place `index` < n of the epoch's order points to. Fewer than 2 walks on average for n > 32, fewer than 64 / n + 1 below.
  VERNIER_HD std::uint64_t operator()(std::uint64_t index) const {
    do {
      index = encrypt(index);
    } while (index >= n_);
    return index;
  }

 private:
  VERNIER_HD std::uint64_t encrypt(std::uint64_t x) const {
    int left_bits = left_bits_, right_bits = right_bits_;
    auto left = static_cast<std::uint32_t>(x >> right_bits);
    auto right = static_cast<std::uint32_t>(x & ((std::uint64_t{1} << right_bits) - 1));
    for (int round = 0; round < 6; ++round) {
      const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << left_bits) - 1);
      const std::uint32_t mixed = left ^ (mix(right ^ round_keys_[round]) & mask);
      left = right;
      right = mixed;
      // The halves change places, and so do their widths; after six rounds they are back.
      const int width = left_bits;
      left_bits = right_bits;
      right_bits = width;
    }
    return std::uint64_t{left} << right_bits | right;
  }

  VERNIER_HD static std::uint32_t mix(std::uint32_t h) {
    h ^= h >> 16;
    h *= 0x85EBCA6Bu;
    h ^= h >> 13;
    h *= 0xC2B2AE35u;
    return h ^ h >> 16;
  }

  std::uint64_t n_;
  int left_bits_, right_bits_;
  std::uint32_t round_keys_[6];
};

/// Shuffle(n, key, epoch)(index), for a single place.
VERNIER_HD inline std::uint64_t permute(std::uint64_t index, std::uint64_t n, const RngKey& key,
                                        std::uint32_t epoch) {
  return Shuffle(n, key, epoch)(index);
}

}  // namespace vernier
