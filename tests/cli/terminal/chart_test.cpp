#include "cli/terminal/chart.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace vernier::cli;
using Lines = std::vector<std::string>;

TEST_CASE("values are dots between their least and greatest, the ends are labelled") {
  // Four values on 2 x 1 characters: columns 0 to 3, rows from above.
  CHECK(chart(std::vector<double>{0, 1, 2, 3}, {}, {2, 1}, false) == Lines{"3 ⡠⠊", "  1 4"});
  CHECK(chart(std::vector<double>{1, 1, 1}, {}, {2, 1}, false).front().starts_with("1.5 "));
}

TEST_CASE("a line joins its values, an outlier stays at the edge, gaps are empty") {
  const auto joined = chart(std::vector<double>{0, 3}, std::vector<double>{0, 3}, {2, 1}, false);
  CHECK(joined.front() == "3 ⣀⣸");
  std::vector<double> values(50, 0.9);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] += 0.001 * static_cast<double>(i % 7);
  values[10] = -1e30;
  values[20] = NAN;
  values[30] = INFINITY;
  const auto lines = chart(values, {}, {20, 4}, false);
  CHECK(lines.size() == 5);
  CHECK(lines[0].starts_with("0.906 "));
  CHECK(lines[3].find("0.8") != std::string::npos);
}

TEST_CASE("nothing to draw, one value, colour") {
  CHECK(chart({}, {}, {20, 4}, false).empty());
  CHECK(chart(std::vector<double>{NAN}, {}, {20, 4}, false).empty());
  CHECK(chart(std::vector<double>{2}, std::vector<double>{2}, {2, 1}, true).front().find("\x1b[") !=
        std::string::npos);
}
