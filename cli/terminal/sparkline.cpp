#include "cli/terminal/sparkline.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace vernier::cli {

std::string sparkline(std::span<const double> values, int width) {
  static constexpr std::array<const char*, 8> blocks{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (static_cast<int>(values.size()) > width)
    values = values.last(static_cast<std::size_t>(std::max(0, width)));
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  std::string line;
  for (const double v : values) {
    if (!std::isfinite(v)) {
      line += ' ';
      continue;
    }
    const double share = high > low ? (v - low) / (high - low) : 0.5;
    line += blocks[static_cast<std::size_t>(std::lround(share * 7))];
  }
  return line;
}

}  // namespace vernier::cli
