#include "search/sobol_sequence.h"

#include <algorithm>
#include <bit>
#include <boost/random/sobol.hpp>

namespace vernier::search {
namespace {

constexpr std::size_t bits = 32;
using Engine = boost::random::sobol_engine<std::uint32_t, bits>;
constexpr std::size_t table_size = boost::random::default_sobol_table::max_dimension;

std::uint64_t mix(std::uint64_t x) {  // finaliser of SplitMix64
  x += 0x9E3779B97F4A7C15u;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

std::uint32_t reversed(std::uint32_t x) {
  x = ((x >> 1) & 0x55555555u) | ((x & 0x55555555u) << 1);
  x = ((x >> 2) & 0x33333333u) | ((x & 0x33333333u) << 2);
  x = ((x >> 4) & 0x0F0F0F0Fu) | ((x & 0x0F0F0F0Fu) << 4);
  return __builtin_bswap32(x);
}

/// Each bit of the result depends on the same and higher bits of x alone: a nested uniform scramble. On the reversed word carries
/// run the other way, so additions and products with even numbers do it.
std::uint32_t scrambled(std::uint32_t x, std::uint32_t seed) {
  x = reversed(x);
  x ^= x * 0x3D20ADEAu;
  x += seed;
  x *= (seed >> 16) | 1u;
  x ^= x * 0x05526C56u;
  x ^= x * 0x53A22864u;
  return reversed(x);
}

}  // namespace

ScrambledSobol::ScrambledSobol(std::size_t dimensions, std::uint64_t seed)
    : dimensions_(dimensions) {
  std::uint64_t state = mix(seed);
  for (std::size_t i = 0; i < dimensions; ++i)
    seeds_.push_back(static_cast<std::uint32_t>((state = mix(state)) >> 32));

  // Points follow a Gray code, so the step onto point 2^b of the code changes exactly by direction number b.
  const std::size_t tabled = std::min(dimensions, table_size);
  if (tabled == 0) return;
  directions_.resize(tabled * bits);
  Engine engine(tabled);
  std::vector<std::uint32_t> before(tabled, 0), after(tabled);
  for (std::size_t b = 0; b < bits; ++b) {
    if (b > 0) {  // the engine counts from point 1
      engine.seed((std::uint32_t{1} << b) - 2);
      for (auto& x : before) x = engine();
    }
    engine.seed((std::uint32_t{1} << b) - 1);
    for (auto& x : after) x = engine();
    for (std::size_t i = 0; i < tabled; ++i) directions_[i * bits + b] = before[i] ^ after[i];
  }
}

void ScrambledSobol::point(std::uint32_t index, std::span<double> out) const {
  for (std::size_t i = 0; i < dimensions_; ++i) {
    std::uint32_t x = 0;
    if (i < table_size) {
      const std::uint32_t* direction = &directions_[i * bits];
      for (std::uint32_t rest = index; rest != 0; rest &= rest - 1)
        x ^= direction[std::countr_zero(rest)];
    } else {
      x = static_cast<std::uint32_t>(mix(std::uint64_t{seeds_[i]} << 32 | index));
    }
    out[i] = (static_cast<double>(scrambled(x, seeds_[i])) + 0.5) * 0x1p-32;
  }
}

std::vector<double> ScrambledSobol::point(std::uint32_t index) const {
  std::vector<double> out(dimensions_);
  point(index, out);
  return out;
}

}  // namespace vernier::search
