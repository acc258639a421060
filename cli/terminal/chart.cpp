#include "cli/terminal/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/stats.h"
#include "core/text.h"

namespace vernier::cli {

namespace {

/// Dots of the braille patterns (Unicode 13, U+2800): by column, then row.
constexpr int kDot[2][4] = {{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}};

std::string braille(int dots) {
  const int code = 0x2800 + dots;
  return {static_cast<char>(0xE0 | code >> 12), static_cast<char>(0x80 | (code >> 6 & 63)),
          static_cast<char>(0x80 | (code & 63))};
}

struct Plane {
  int columns, rows;  // characters
  std::vector<int> points, lines;

  explicit Plane(ChartSize size)
      : columns(size.width),
        rows(size.height),
        points(static_cast<std::size_t>(columns * rows)),
        lines(points.size()) {}

  /// x in [0, 2 columns), y in [0, 4 rows) from above.
  void set(std::vector<int>& layer, int x, int y) const {
    layer[static_cast<std::size_t>(y / 4 * columns + x / 2)] |= kDot[x % 2][y % 4];
  }
};

}  // namespace

std::vector<std::string> chart(std::span<const double> values, std::span<const double> line,
                               ChartSize size, bool colour) {
  std::vector<double> finite;
  for (const double v : values)
    if (std::isfinite(v)) finite.push_back(v);
  if (finite.empty() || size.width < 2 || size.height < 1) return {};
  const double q1 = quantile(finite, 0.25), q3 = quantile(finite, 0.75), reach = 3 * (q3 - q1);
  double low = std::max(*std::min_element(finite.begin(), finite.end()), q1 - reach);
  double high = std::min(*std::max_element(finite.begin(), finite.end()), q3 + reach);
  for (const double v : line) {
    if (!std::isfinite(v)) continue;
    high = std::max(high, v >= q1 - reach ? v : high);
    low = std::min(low, v <= q3 + reach && v >= q1 - reach ? v : low);
  }
  if (!(high > low)) {
    low -= 0.5;
    high += 0.5;
  }
  Plane plane(size);
  const int width = 2 * size.width, height = 4 * size.height;
  const auto n = static_cast<double>(values.size());
  const auto x_of = [&](std::size_t i) {
    return n < 2 ? 0
                 : static_cast<int>(std::lround(static_cast<double>(i) / (n - 1) * (width - 1)));
  };
  const auto y_of = [&](double v) {
    return static_cast<int>(
        std::lround((1 - std::clamp((v - low) / (high - low), 0.0, 1.0)) * (height - 1)));
  };
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i])) plane.set(plane.points, x_of(i), y_of(values[i]));
  for (std::size_t i = 0; i < line.size() && i < values.size(); ++i) {
    if (!std::isfinite(line[i])) continue;
    const int from = x_of(i), to = i + 1 < line.size() ? x_of(i + 1) : from, y = y_of(line[i]);
    for (int x = from; x <= to; ++x) plane.set(plane.lines, x, y);
    if (i + 1 < line.size() && std::isfinite(line[i + 1])) {
      const int next = y_of(line[i + 1]);
      for (int at = std::min(y, next); at <= std::max(y, next); ++at)
        plane.set(plane.lines, to, at);
    }
  }
  const std::string top = format_number(high, 4), bottom = format_number(low, 4);
  const auto label = static_cast<int>(std::max(top.size(), bottom.size()));
  std::vector<std::string> out;
  for (int row = 0; row < plane.rows; ++row) {
    std::string text = fmt::format("{:>{}} ",
                                   row == 0                ? top
                                   : row + 1 == plane.rows ? bottom
                                                           : "",
                                   label);
    for (int column = 0; column < plane.columns; ++column) {
      const auto at = static_cast<std::size_t>(row * plane.columns + column);
      const int dots = plane.points[at] | plane.lines[at];
      if (dots == 0) {
        text += ' ';
      } else {
        text += paint(braille(dots), plane.lines[at] ? Paint::green : Paint::dim, colour);
      }
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out.push_back(text);
  }
  const std::string last = " " + std::to_string(values.size());
  out.push_back(fmt::format("{:>{}} 1{:>{}}", "", label, values.size() > 1 ? last : "",
                            std::max(0, size.width - 1)));
  return out;
}

}  // namespace vernier::cli
