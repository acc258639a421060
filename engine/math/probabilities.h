// What the outputs of a network say of the classes, by its loss.
#pragma once
#include <algorithm>
#include <cmath>
#include <span>

#include "engine/math/losses.h"

namespace vernier::engine {

/// In place, of one example: softmax for cross_entropy, sigmoid for binary_cross_entropy; the scores of other losses are no probabilities
/// and stay. False for those.
inline bool to_probabilities(Loss loss, std::span<double> scores) {
  if (loss == Loss::binary_cross_entropy) {
    for (double& s : scores) s = 1 / (1 + std::exp(-s));
    return true;
  }
  if (loss != Loss::cross_entropy) return false;
  const double most = *std::max_element(scores.begin(), scores.end());
  double sum = 0;
  for (double& s : scores) sum += s = std::exp(s - most);
  for (double& s : scores) s /= sum;
  return true;
}

}  // namespace vernier::engine
