// PCA whitening (Krizhevsky 2009, appendix A; "ZCA"): the training part's features become uncorrelated with deviation 1, rotated
// back so that each output stays as near as it can to its own pixel, and images stay images.
#pragma once
#include <cstddef>
#include <span>
#include <vector>

namespace vernier::engine {

/// The most features: the matrix and its eigenvectors take features^2 numbers, and finding them features^3 steps.
inline constexpr std::size_t most_whitened = 3072;

struct Whitening {
  std::vector<double> mean;  // (features)
  std::vector<float>
      matrix;  // (features, features), symmetric: U diag(1 / sqrt(eigenvalue + floor)) U^T

  /// x: (n, features), in place.
  void apply(std::span<float> x) const;
};

/// x: (n, features), n >= 1. Directions whose variance is below 1e-5 times the largest are damped, not blown up.
Whitening fit_whitening(std::span<const float> x, std::size_t features);

}  // namespace vernier::engine
