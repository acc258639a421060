// A keyed permutation of 0 .. n-1 that is computed element by element: a 6-round Feistel network on
// the smallest even number of bits that holds n, walking cycles until the value is below n (Black
// and Rogaway 2002). A batch needs no stored order, on host or device.
#pragma once
#include <cstdint>

#include "core/rng.h"

namespace vernier::engine {

struct Shuffle {
  std::uint32_t n = 1;
  std::uint32_t half_bits = 1;
  std::uint32_t keys[6] = {};

  /// i < n; the domain has fewer than 4 n values (n > 1), so the walk takes less than 4 rounds on
  /// average.
  VERNIER_HD std::uint32_t operator()(std::uint32_t i) const {
    std::uint64_t x = i;
    do {
      x = encrypt(x);
    } while (x >= n);
    return static_cast<std::uint32_t>(x);
  }

 private:
  VERNIER_HD std::uint64_t encrypt(std::uint64_t x) const {
    const std::uint32_t mask = (1u << half_bits) - 1;
    std::uint32_t left = static_cast<std::uint32_t>(x >> half_bits);
    std::uint32_t right = static_cast<std::uint32_t>(x) & mask;
    for (int round = 0; round < 6; ++round) {
      std::uint32_t f =
          right ^ keys[round];  // the 32-bit finaliser of MurmurHash3 (Appleby), with its key
      f = (f ^ (f >> 16)) * 0x85EBCA6Bu;
      f = (f ^ (f >> 13)) * 0xC2B2AE35u;
      f ^= f >> 16;
      const std::uint32_t next = left ^ (f & mask);
      left = right;
      right = next;
    }
    return std::uint64_t{left} << half_bits | right;
  }
};

/// The order of one epoch: the batch's example i is shuffle(i). key.stream is Stream::order; n
/// >= 1.
VERNIER_HD inline Shuffle make_shuffle(const RngKey& key, std::uint32_t epoch, std::uint32_t n) {
  Shuffle shuffle;
  shuffle.n = n;
  while ((std::uint64_t{1} << (2 * shuffle.half_bits)) < n) ++shuffle.half_bits;
  const Philox4 first = random_block(key, epoch, 0);
  const Philox4 second = random_block(key, epoch, 1);
  for (int i = 0; i < 4; ++i) shuffle.keys[i] = first.v[i];
  for (int i = 0; i < 2; ++i) shuffle.keys[4 + i] = second.v[i];
  return shuffle;
}

}  // namespace vernier::engine
