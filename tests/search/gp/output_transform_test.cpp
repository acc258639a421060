#include "search/gp/output_transform.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "core/stats.h"

using namespace vernier;
using namespace vernier::search::gp;

using Values = std::vector<std::optional<double>>;

namespace {

void standardise(std::vector<double>& y) {
  const double centre = mean(y);
  double square = 0;
  for (const double v : y) square += (v - centre) * (v - centre) / double(y.size());
  for (double& v : y) v = (v - centre) / std::sqrt(square);
}

}  // namespace

TEST_CASE("a case by hand: four successes and a failure") {
  // Median 2.5; good half 1, 2: sigma^2 = (2.25 + 0.25) / 2 = 1.25. Bad half 3, 100 becomes 2.5 + sigma Phi^-1(0.625), ... (0.875).
  const double sigma = std::sqrt(1.25);
  const double third = 2.5 + sigma * 0.31863936396437515, fourth = 2.5 + sigma * 1.1503493803760079;
  const double range = fourth - 1.0;
  std::vector<double> expected = {1, fourth, 2, third, fourth + range / 4};
  standardise(expected);
  const auto got = transform_outputs(Values{1.0, 100.0, 2.0, 3.0, std::nullopt});
  REQUIRE(got.size() == 5);
  for (int i = 0; i < 5; ++i) CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-12));
  double factor = 0;  // among the good half
  CHECK(transform_outputs(Values{1.0, 100.0, 2.0, 3.0, std::nullopt}, &factor) == got);
  CHECK(factor == doctest::Approx(got[2] - got[0]).epsilon(1e-12));
}

TEST_CASE("order is kept, failures come last, mean 0 and variance 1") {
  const Values values = {5.0, 3.0, std::nullopt, 8.0, 8.0, -2.0, 1e6, 4.0};
  const auto y = transform_outputs(values);
  for (std::size_t i = 0; i < y.size(); ++i)
    for (std::size_t j = 0; j < y.size(); ++j)
      if (values[i] && values[j] && *values[i] < *values[j]) CHECK(y[i] < y[j]);
  CHECK(y[3] == y[4]);
  for (std::size_t i = 0; i < y.size(); ++i)
    if (i != 2) CHECK(y[i] < y[2]);
  CHECK(mean(y) == doctest::Approx(0).epsilon(1e-12));
  CHECK(variance(y) * 7 / 8 == doctest::Approx(1));
}

TEST_CASE("constant, single, failed and hostile values stay finite") {
  for (const double v : {0.0, -3.5, 1e300, 5e-324}) {
    for (const double y : transform_outputs(Values{v, v, v})) CHECK(y == 0);
    for (const double y : transform_outputs(Values{v})) CHECK(y == 0);
  }
  for (const double y : transform_outputs(Values{std::nullopt, std::nullopt})) CHECK(y == 0);
  CHECK(transform_outputs(Values{}).empty());
  const double inf = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const auto y = transform_outputs(Values{1e308, -1e308, inf, -inf, nan, 0.0, 1.0});
  for (const double v : y) CHECK(std::isfinite(v));
  CHECK(y[2] == y[4]);
  CHECK(y[3] == y[4]);  // -infinity is no result to strive for
  CHECK(y[1] < y[5]);
  CHECK(y[0] < y[2]);
  // A constant and a failure: two values apart.
  const auto two = transform_outputs(Values{2.0, 2.0, std::nullopt});
  CHECK(two[0] == two[1]);
  CHECK(two[2] > two[0]);
}
