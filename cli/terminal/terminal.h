// What the terminal at a stream can do.
#pragma once
#include <string>
#include <string_view>

namespace vernier::cli {

struct Terminal {
  bool interactive = false;  // a terminal that can move its cursor
  bool colour = false;       // NO_COLOR unset, TERM not dumb
  int width = 80, height = 24;
};

/// `fd`: 1 standard output, 2 standard error.
Terminal terminal_of(int fd);

/// Columns that `text` (UTF-8) takes up; combining marks 0, wide characters 2.
int display_width(std::string_view text);
/// At most `width` columns, with an ellipsis where it was cut.
std::string fit(std::string_view text, int width);

enum class Paint { none, bold, dim, green, red, yellow, blue };
/// `text` between escape sequences where `colour`, else as it is.
std::string paint(std::string_view text, Paint paint, bool colour);

}  // namespace vernier::cli
