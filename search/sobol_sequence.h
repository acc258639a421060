// Scrambled Sobol points: evenly spread, different for every seed, addressed by index.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace vernier::search {

/// Sobol points (direction numbers of Joe and Kuo, from Boost.Random) under hashed Owen scrambling (Burley, "Practical Hash-based
/// Owen Scrambling", JCGT 9(4), 2020): every digital (t, m, s)-net property is kept, each coordinate is uniform in [0, 1).
/// Immutable and cheap to copy after construction (128 bytes a dimension); points are functions of (seed, index) alone.
/// Dimensions past Boost's 3,667 are hashed independently.
class ScrambledSobol {
 public:
  ScrambledSobol(std::size_t dimensions, std::uint64_t seed);

  std::size_t dimensions() const { return dimensions_; }
  /// Writes point `index` to `out`, size dimensions(). Coordinates are odd multiples of 2^-33: never 0, never 1.
  void point(std::uint32_t index, std::span<double> out) const;
  std::vector<double> point(std::uint32_t index) const;

 private:
  std::size_t dimensions_;
  std::vector<std::uint32_t> directions_;  // (dimension, bit)
  std::vector<std::uint32_t> seeds_;
};

}  // namespace vernier::search
