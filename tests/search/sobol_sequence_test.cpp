#include "search/sobol_sequence.h"

#include <cmath>
#include <set>

#include "tests/search/support.h"

using namespace vernier::search;

TEST_CASE(
    "every coordinate of 1,024 points has one point in each of 1,024 equal cells, for any seed") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    const ScrambledSobol sobol(60, seed);
    for (std::size_t i = 0; i < 60; ++i) {
      std::set<int> cells;
      for (std::uint32_t k = 0; k < 1024; ++k)
        cells.insert(static_cast<int>(sobol.point(k)[i] * 1024));
      CHECK(cells.size() == 1024);
    }
  }
}

TEST_CASE(
    "the first two coordinates are a (0, 10, 2)-net: one point in each elementary rectangle") {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(seed);
    const ScrambledSobol sobol(2, seed);
    for (int a = 0; a <= 10; ++a) {
      std::set<std::pair<int, int>> cells;
      for (std::uint32_t k = 0; k < 1024; ++k) {
        const auto p = sobol.point(k);
        cells.emplace(static_cast<int>(p[0] * (1 << a)), static_cast<int>(p[1] * (1 << (10 - a))));
      }
      CHECK(cells.size() == 1024);
    }
  }
}

TEST_CASE(
    "over seeds each point is uniform and an integral is unbiased with far less variance than "
    "random points") {
  const int seeds = 300;
  double first = 0, mean = 0, variance = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    const ScrambledSobol sobol(6, static_cast<std::uint64_t>(seed));
    first += sobol.point(0)[3] / seeds;
    double integral = 0;
    for (std::uint32_t k = 0; k < 256; ++k) {
      double product = 1;
      for (const double x : sobol.point(k)) product *= x + 0.5;
      integral += product / 256;
    }
    mean += integral / seeds;
    variance += (integral - 1) * (integral - 1) / seeds;
  }
  const double random_variance = (std::pow(13.0 / 12, 6) - 1) / 256;
  CHECK(first == doctest::Approx(0.5).epsilon(0.1));  // 3 standard errors: 0.05
  CHECK(mean == doctest::Approx(1).epsilon(0.002));
  CHECK(variance < random_variance / 50);
}

TEST_CASE(
    "points are functions of seed and index, inside the open cube, in any number of dimensions") {
  const ScrambledSobol a(4000, 5), b(4000, 5), c(4000, 6);
  const auto p = a.point(77);
  CHECK(p == b.point(77));
  CHECK(p != c.point(77));
  for (const double x : p) CHECK((x > 0 && x < 1));
  CHECK(ScrambledSobol(0, 1).point(3).empty());
}
