// A small chart in the terminal: points and a line over them, two columns and four rows of dots a character (braille).
#pragma once
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "cli/terminal/terminal.h"

namespace vernier::cli {

struct ChartSize {
  int width = 60, height = 8;  // characters of the plane, without labels
};

/// `values[i]` as a dot at x = i, `line[i]` (the same length, or empty) as a line through them; not-a-number: nothing. Values far
/// beyond the middle (outside 3 interquartile ranges from the quartiles) are drawn at the edge. Lines of text: the plane with the
/// values of its upper and lower end before it, the count below it. Empty without a finite value.
std::vector<std::string> chart(std::span<const double> values, std::span<const double> line,
                               ChartSize size, bool colour);

}  // namespace vernier::cli
