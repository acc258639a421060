#include "cli/terminal/sparkline.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using vernier::cli::sparkline;

TEST_CASE("a sparkline spans its least and greatest value") {
  CHECK(sparkline(std::vector<double>{0, 1}, 10) == "▁█");
  CHECK(sparkline(std::vector<double>{0, 7, 14, 21, 28, 35, 42, 49}, 8) == "▁▂▃▄▅▆▇█");
}

TEST_CASE(
    "a sparkline shows the last values, gaps for what is no number, and a constant in the middle") {
  CHECK(sparkline(std::vector<double>{9, 9, 0, 1}, 2) == "▁█");
  CHECK(sparkline(std::vector<double>{0, std::nan(""), 1}, 8) == "▁ █");
  CHECK(sparkline(std::vector<double>{3, 3}, 8) == "▅▅");
  CHECK(sparkline({}, 8).empty());
}
