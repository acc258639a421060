#include "engine/data/sources/digits_glyphs.h"

#include <array>
#include <string_view>

namespace vernier::engine {
namespace {

// As in SVG: M moves, L draws a line, C a cubic curve; absolute coordinates in hundredths.
constexpr std::array<std::array<std::string_view, 4>, 10> paths{{
    {"M50 8 C15 8 15 92 50 92 C85 92 85 8 50 8",
     "M50 8 C18 8 18 92 50 92 C82 92 82 8 50 8 M70 22 L30 78",
     "M60 12 C18 0 10 95 50 92 C88 88 82 18 40 14", "M26 10 L74 10 L74 90 L26 90 L26 10"},
    {"M50 8 L50 92", "M28 30 L53 8 L53 92", "M32 26 L52 8 L52 92 M28 92 L76 92",
     "M44 8 C56 30 56 64 48 92"},
    {"M24 28 C26 4 76 0 74 32 C72 55 40 70 22 92 L80 92",
     "M24 26 C30 2 78 4 72 36 C66 62 40 84 26 88 C14 88 20 70 34 78 C50 86 62 96 82 84",
     "M22 12 L74 12 L24 90 L80 90", "M24 10 L74 10 L74 50 L26 50 L26 90 L76 90"},
    {"M26 16 C44 2 78 8 72 30 C68 44 52 48 42 48 C60 48 80 54 76 74 C72 96 36 94 22 82",
     "M26 10 L74 10 L46 42 C72 42 82 60 74 78 C64 96 34 94 22 80",
     "M24 10 L74 10 L74 90 L24 90 M34 50 L74 50",
     "M24 22 C36 0 80 8 66 36 C60 48 44 44 40 46 C52 40 84 54 74 78 C62 98 30 92 24 74"},
    {"M30 8 L24 56 L80 56 M66 30 L66 94", "M64 94 L64 8 L18 66 L84 66",
     "M26 8 C22 40 26 54 46 54 C60 54 70 48 72 42 M74 8 L70 94",
     "M26 10 L26 52 L74 52 M74 10 L74 92"},
    {"M74 10 L32 10 L28 46 C50 34 80 46 76 68 C72 96 34 96 22 82",
     "M76 10 L26 10 L26 50 L74 50 L74 90 L24 90",
     "M72 14 C44 2 20 22 34 40 C46 52 78 50 74 74 C68 96 34 94 24 84",
     "M34 10 L30 44 C52 36 76 48 74 70 C70 94 36 94 24 86 M34 10 L78 14"},
    {"M68 10 C40 20 22 50 24 70 C28 98 76 98 76 70 C76 46 36 44 26 66",
     "M60 6 L28 60 C18 84 44 96 58 92 C80 86 80 54 58 52 C44 50 32 56 28 66",
     "M70 10 L26 10 L26 90 L74 90 L74 50 L26 50",
     "M46 8 C26 30 20 80 44 90 C66 96 78 66 60 60 C46 56 34 68 32 80"},
    {"M20 12 L78 12 L42 92", "M20 12 L78 12 L42 92 M34 52 L72 52",
     "M22 28 L22 12 L78 12 C60 40 50 60 46 92", "M24 10 L74 10 L74 92"},
    {"M50 48 C20 40 24 8 50 8 C76 8 80 40 50 48 C14 58 20 92 50 92 C80 92 86 58 50 48",
     "M74 20 C60 0 22 8 30 30 C38 48 72 52 72 74 C70 96 26 96 28 72 C30 52 70 40 74 20",
     "M26 10 L74 10 L74 90 L26 90 L26 10 M26 50 L74 50",
     "M50 46 C28 46 28 8 50 8 C72 8 72 46 50 46 M50 48 C22 48 22 92 50 92 C78 92 78 48 50 48"},
    {"M74 34 C74 4 26 4 26 32 C28 58 72 56 74 30 C76 50 70 76 56 92",
     "M72 32 C70 4 26 6 26 32 C28 56 70 56 72 30 L72 92",
     "M74 50 L26 50 L26 10 L74 10 L74 90 L28 90",
     "M72 32 C70 6 28 4 26 30 C28 56 66 56 72 32 C76 60 70 92 28 88"},
}};

class PathReader {
 public:
  explicit PathReader(std::string_view text) : text_(text) {}

  Glyph glyph() {
    Glyph strokes;
    while (at_ < text_.size()) {
      const char command = text_[at_++];
      if (command == 'M') {
        strokes.push_back({point()});
      } else if (command == 'L') {
        const Point from = strokes.back().back();
        const Point to = point();
        const Point step{(to.x - from.x) / 3, (to.y - from.y) / 3};
        strokes.back().insert(
            strokes.back().end(),
            {{from.x + step.x, from.y + step.y}, {to.x - step.x, to.y - step.y}, to});
      } else if (command == 'C') {
        for (int i = 0; i < 3; ++i) strokes.back().push_back(point());
      }
    }
    return strokes;
  }

 private:
  Point point() {
    const double x = number();
    return {x, number()};
  }
  double number() {
    while (text_[at_] == ' ') ++at_;
    int value = 0;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9')
      value = 10 * value + (text_[at_++] - '0');
    return value / 100.0;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::span<const Glyph> digit_glyphs(int digit) {
  static const auto table = [] {
    std::array<std::vector<Glyph>, 10> glyphs;
    for (std::size_t d = 0; d < 10; ++d) {
      for (const std::string_view path : paths[d]) glyphs[d].push_back(PathReader(path).glyph());
    }
    return glyphs;
  }();
  return table[static_cast<std::size_t>(digit)];
}

}  // namespace vernier::engine
