// A curve in one line of block characters.
#pragma once
#include <span>
#include <string>

namespace vernier::cli {

/// At most `width` characters, the last values; scaled from the least to the greatest of what is shown. Not-a-number is a gap.
std::string sparkline(std::span<const double> values, int width);

}  // namespace vernier::cli
