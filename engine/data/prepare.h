// Preparation of inputs with statistics of the training part only.
//
//   none         as stored (images 0 .. 255)
//   minmax       (x - min) / (max - min); values outside the training part's range leave [0, 1]
//   standardize  (x - mean) / deviation (population deviation)
//   channel_mean images: x - mean of the channel; else per feature
//   per_image    each example by its own mean and deviation (at least 1 / sqrt(features), as TensorFlow's per_image_standardization)
//   whiten       PCA whitening, rotated back to the features (whiten.h)
// Statistics are per feature; for images per channel, over all pixels: a pixel that is hardly ever inked would otherwise become an outlier
// of a hundred deviations where it is (measured on MNIST: engine/data/README.md).
// A feature whose range or deviation is at most 1e-7 (times its magnitude, where that is above 1) is constant and becomes 0.
#pragma once
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/data/whiten.h"

namespace vernier::engine {

/// x -> (x - offset) * scale per feature; scale 0 for constant ones. Or one of the two others.
struct Preparation {
  std::vector<double> offset, scale;  // (features)
  bool per_image = false;
  std::optional<Whitening> whitening;

  /// x: (n, features), in place.
  void apply(std::span<float> x) const;
  /// Back to the data's own units; constant features get their value. False, and x untouched, where there is no way back (per_image, whiten).
  bool undo(std::span<float> x) const;
};

/// `x`: the training part (n, features), n >= 1. `shape` of one example: three numbers mean an image (height, width, channels).
Preparation fit_preparation(const std::string& normalize, std::span<const float> x,
                            std::span<const int> shape);

}  // namespace vernier::engine
