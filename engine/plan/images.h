// How the CPU back end lays images out: 16 examples side by side, so that they are the vector axis of every loop, whatever the number of
// channels, the window and the stride: [rows / 16][channels][height * width][16].
//
// The last block is filled up with examples that do not count: their values are finite and their gradients 0. A channel's plane takes an
// odd number of lines of 16 floats: planes whose distance is a power of two would share few places of the caches.
#pragma once
#include <cstddef>

#include "engine/ir/graph.h"

namespace vernier::engine {

struct Images {
  static constexpr int block = 16;
  int rows = 0, height = 1, width = 1, channels = 1;

  std::size_t blocks() const {
    return (static_cast<std::size_t>(rows) + block - 1) / static_cast<std::size_t>(block);
  }
  std::size_t area() const {
    return static_cast<std::size_t>(height) * static_cast<std::size_t>(width);
  }
  /// Floats from a channel to the next, and from a block of examples to the next.
  std::size_t plane() const { return static_cast<std::size_t>(block) * (area() | 1); }
  std::size_t stride() const { return static_cast<std::size_t>(channels) * plane(); }
  /// All, gaps included.
  std::size_t count() const { return blocks() * stride(); }
};

/// `shape`: (height, width, channels).
inline Images images_of(const Shape& shape, int rows) {
  return {rows, shape[0], shape[1], shape[2]};
}

}  // namespace vernier::engine
