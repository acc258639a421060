#include "search/gp/trust_region.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

TEST_CASE(
    "the side doubles after three improvements, halves after as many results without as axes") {
  CHECK(region_side({}, 25) == 0.8);
  CHECK(region_side({5, 4}, 25) == 0.8);
  CHECK(region_side({5, 4, 3}, 25) == 1.6);
  CHECK(region_side({5, 4, 3, 2, 1, 0.5}, 25) == 1.6);  // no larger
  std::vector<double> values = {1};
  values.resize(25, 2.0);
  CHECK(region_side(values, 25) == 0.8);
  values.push_back(std::numeric_limits<double>::infinity());  // a failure is no improvement
  CHECK(region_side(values, 25) == 0.4);
  values.push_back(0.9999);  // too small a step
  values.resize(26 + 25, 3.0);
  CHECK(region_side(values, 25) == 0.2);
  values.resize(26 + 25 * 6, 3.0);
  CHECK(region_side(values, 25) == 0.8);  // 1/160 would be next: again from the start
  CHECK(region_side(std::vector<double>(9, 3.0), 2) == 0.2);  // at least 4 results
}

TEST_CASE("a region lies around its centre in proportion to the lengthscales, inside the cube") {
  std::vector<Parameter> parameters(3);
  const char* names[] = {"a", "b", "c"};
  for (int i = 0; i < 3; ++i) parameters[static_cast<std::size_t>(i)].name = names[i];
  const Space space(parameters);
  const Embedding embedding(space);
  const Region r = make_region(embedding, {{0.5, 0.5, 0.95}, {1, 1, 1}}, {0.1, 0.4, 0.2}, 0.2);
  CHECK(r.lower[0] == doctest::Approx(0.45));
  CHECK(r.upper[0] == doctest::Approx(0.55));
  CHECK(r.lower[1] == doctest::Approx(0.3));
  CHECK(r.upper[2] == 1.0);
  CHECK(r.lower[2] == doctest::Approx(0.85));
}
