#include "cli/terminal/terminal.h"

#include <doctest/doctest.h>

using namespace vernier::cli;

TEST_CASE("display width counts columns, not bytes") {
  CHECK(display_width("") == 0);
  CHECK(display_width("abc") == 3);
  CHECK(display_width("ümläut") == 6);
  CHECK(display_width("▁▄█") == 3);
  CHECK(display_width("漢字") == 4);
  CHECK(display_width("e\xCC\x81") == 1);  // e with a combining acute accent
  CHECK(display_width("\xFF\xFE") == 2);   // bytes that are no UTF-8 are a column each
}

TEST_CASE("fit cuts at whole characters and marks the cut") {
  CHECK(fit("abc", 3) == "abc");
  CHECK(fit("abcd", 3) == "ab…");
  CHECK(fit("漢字漢", 4) == "漢…");
  CHECK(display_width(fit("漢字漢字", 5)) <= 5);
  CHECK(fit("abc", 0).empty());
}

TEST_CASE("paint without colour is the text itself") {
  CHECK(paint("x", Paint::red, false) == "x");
  CHECK(paint("x", Paint::red, true) == "\x1b[31mx\x1b[0m");
  CHECK(paint("x", Paint::none, true) == "x");
}
