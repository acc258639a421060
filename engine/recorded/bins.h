// Histograms with edges at round numbers, so that those of several steps can be compared.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace vernier::engine {

struct Bins {
  std::vector<double> edges;  // n + 1, increasing, multiples of 1, 2 or 5 times a power of ten
  std::vector<std::int64_t> counts;  // n, at most 52; a value on an edge counts above it
};

/// Of the finite values, from the first edge at or below the least to the last above the largest; nullopt where there are none.
std::optional<Bins> make_bins(std::span<const float> values);

}  // namespace vernier::engine
