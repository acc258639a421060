#include "cli/terminal/table.h"

#include <doctest/doctest.h>

#include <sstream>

using namespace vernier;
using namespace vernier::cli;

namespace {
const store::Table sample{{"name", "value"},
                          {{std::string("relu"), 0.5}, {std::string("a,b"), Value()}}};
}

TEST_CASE("numbers stand to the right, texts to the left, missing values are a dash") {
  std::ostringstream out;
  print_table(out, sample, Terminal{});
  CHECK(out.str() == "name  value\nrelu    0.5\na,b       -\n");
}

TEST_CASE("a table never grows wider than the terminal") {
  const store::Table wide{{"text"}, {{std::string(300, 'x')}}};
  std::ostringstream out;
  print_table(out, wide, Terminal{.interactive = true, .colour = false, .width = 40, .height = 24});
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) CHECK(display_width(line) <= 40);
}

TEST_CASE("CSV quotes what RFC 4180 asks for and defuses formulas") {
  const store::Table table{{"a"},
                           {{std::string("x,\"y\"")}, {std::string("=cmd()")}, {-1.5}, {Value()}}};
  std::ostringstream out;
  print_csv(out, table);
  CHECK(out.str() == "a\r\n\"x,\"\"y\"\"\"\r\n'=cmd()\r\n-1.5\r\n\r\n");
}

TEST_CASE("control characters of a name never reach the terminal") {
  std::ostringstream out;
  print_table(out, {{"n"}, {{std::string("a\x1b[31mb")}}}, Terminal{});
  CHECK(out.str().find('\x1b') == std::string::npos);
}

TEST_CASE("JSON rows are objects by column") {
  CHECK(table_json(sample).dump() ==
        R"([{"name":"relu","value":0.5},{"name":"a,b","value":null}])");
}
