// The range that inputs take, in the data's own units, and points of it made ready for the network.
#pragma once
#include <cstddef>
#include <vector>

#include "engine/data/dataset.h"

namespace vernier::engine {

struct Axis {
  double low = 0, high = 1;
  /// The middle of place i of n.
  double at(std::size_t i, std::size_t n) const {
    return low + (high - low) * (static_cast<double>(i) + 0.5) / static_cast<double>(n);
  }
};

/// Of input `feature` over training and validation part, with `margin` of its width on both sides; whitened inputs as they are.
Axis axis_of(const Dataset& data, std::size_t feature, double margin);
/// Examples in own units (n, features) as a part that the network takes.
Part prepared(const Dataset& data, std::vector<float> x);

}  // namespace vernier::engine
