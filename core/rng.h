// Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011): counter based, header only, for
// host and device. All randomness of Vernier is a function of (seed, stream, repeat; update, element).
#pragma once
#include <cstdint>

#if defined(__CUDACC__)
#define VERNIER_HD __host__ __device__
#else
#define VERNIER_HD
#endif

namespace vernier {

/// Fixed for ever: stored trials are replayed with them.
enum class Stream : std::uint32_t {
  init = 1,
  order = 2,
  dropout = 3,
  augment = 4,
  label_noise = 5,
  split = 6,
  data = 7,
  sampler = 8,
};

struct Philox4 {
  std::uint32_t v[4];
};

/// One block of 128 random bits. `counter` and `key` as in the paper: 10 rounds, word 0 least significant.
VERNIER_HD inline Philox4 philox4x32(Philox4 counter, std::uint32_t key0, std::uint32_t key1) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = std::uint64_t{0xD2511F53u} * counter.v[0];
    const std::uint64_t p1 = std::uint64_t{0xCD9E8D57u} * counter.v[2];
    counter = {{static_cast<std::uint32_t>(p1 >> 32) ^ counter.v[1] ^ key0,
                static_cast<std::uint32_t>(p1),
                static_cast<std::uint32_t>(p0 >> 32) ^ counter.v[3] ^ key1,
                static_cast<std::uint32_t>(p0)}};
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  return counter;
}

/// The key of one random stream. The Philox key is the 64-bit seed; stream and repeat are the counter's upper words.
struct RngKey {
  std::uint64_t seed = 0;
  Stream stream = Stream::init;
  std::uint32_t repeat = 0;
};

/// 128 bits of (key, update, element): counter = (element, update, stream << 16 | repeat's low 16 bits, element's high 32 bits).
VERNIER_HD inline Philox4 random_block(const RngKey& key, std::uint32_t update,
                                       std::uint64_t element) {
  return philox4x32({{static_cast<std::uint32_t>(element), update,
                      (static_cast<std::uint32_t>(key.stream) << 16) | (key.repeat & 0xFFFFu),
                      static_cast<std::uint32_t>(element >> 32)}},
                    static_cast<std::uint32_t>(key.seed),
                    static_cast<std::uint32_t>(key.seed >> 32));
}

/// In [0, 1), on multiples of 2^-24: exact in float, the same bits everywhere.
VERNIER_HD inline float unit_float(std::uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}
/// In [0, 1), on multiples of 2^-53.
VERNIER_HD inline double unit_double(std::uint32_t high, std::uint32_t low) {
  return static_cast<double>((std::uint64_t{high} << 32 | low) >> 11) * 0x1p-53;
}

/// A sequential generator over one stream, for host code (samplers, data sets). Satisfies UniformRandomBitGenerator.
class Rng {
 public:
  using result_type = std::uint32_t;
  explicit Rng(RngKey key, std::uint32_t update = 0) : key_(key), update_(update) {}
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return 0xFFFFFFFFu; }

  result_type operator()() {
    if (used_ == 4) {
      block_ = random_block(key_, update_, element_++);
      used_ = 0;
    }
    return block_.v[used_++];
  }
  double uniform() {
    const std::uint32_t high = (*this)();
    return unit_double(high, (*this)());
  }
  /// 0 .. n-1 without bias; n >= 1.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t limit = n * (UINT64_MAX / n);
    for (;;) {
      const std::uint64_t high = (*this)();
      const std::uint64_t draw = high << 32 | (*this)();
      if (draw < limit) return draw % n;
    }
  }
  /// Standard normal (Box-Muller in double).
  double normal();

 private:
  RngKey key_;
  std::uint32_t update_;
  std::uint64_t element_ = 0;
  Philox4 block_{};
  int used_ = 4;
};

}  // namespace vernier
