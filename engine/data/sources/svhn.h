// SVHN, cropped digits (Netzer et al. 2011): MAT files with X, uint8 (32, 32, 3, N), and y, labels 1 .. 9 and 10 for the digit 0.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "engine/data/source.h"

namespace vernier::engine {

/// Pixels as (height, width, channel), labels 0 .. 9 as the digit says. Throws UsageError as parse_mat, and for other shapes and labels.
Examples parse_svhn(std::span<const std::byte> bytes, const std::string& name);

}  // namespace vernier::engine
