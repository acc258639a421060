#include "reports/analysis/optimism.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

using namespace vernier::reports;

TEST_CASE("equal trials: the expected maximum of n normal draws") {
  CHECK(selection_optimism(std::vector<double>{3, 3}, 1) ==
        doctest::Approx(0.564190).epsilon(1e-5));  // 1 / sqrt pi
  CHECK(selection_optimism(std::vector<double>(5, 0.0), 1) ==
        doctest::Approx(1.162964).epsilon(1e-5));  // Harter 1961
  CHECK(selection_optimism(std::vector<double>(100, 0.0), 2) ==
        doctest::Approx(2 * 2.507594).epsilon(1e-5));
}

TEST_CASE("two trials d apart: sqrt 2 phi(d / sqrt 2)") {
  for (const double d : {0.5, 1.0, 3.0}) {
    const double exact = std::sqrt(2.0) * std::exp(-d * d / 4) / std::sqrt(2 * M_PI);
    CHECK(selection_optimism(std::vector<double>{0.2 * d, 0}, 0.2) ==
          doctest::Approx(0.2 * exact).epsilon(1e-5));
  }
}

TEST_CASE("a winner far ahead owes nothing to luck") {
  CHECK(selection_optimism(std::vector<double>{0, 100, 200}, 1) ==
        doctest::Approx(0).epsilon(1e-6));
  CHECK(selection_optimism(std::vector<double>{1}, 1) == 0);
  CHECK(selection_optimism(std::vector<double>{1, 1}, 0) == 0);
}
