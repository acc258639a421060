#include "reports/analysis/bands.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using vernier::store::State;

TEST_CASE("quantiles at each step over the trials that reached it, without missing values") {
  auto data = test::study();
  for (const double x : {1.0, 2.0, 3.0, 4.0, 5.0}) {
    test::add(data, State::completed, x, {x, x < 5 ? 10 * x : NAN, 0.0});
  }
  test::add(data, State::completed, 0.0, {6.0});
  const Bands bands = quantile_bands(data, "m", 4);
  CHECK(bands.steps == std::vector<int>{1, 2, 3});
  CHECK(bands.count == std::vector<int>{6, 4, 5});
  CHECK(bands.q50[0] == doctest::Approx(3.5));
  CHECK(bands.q10[0] == doctest::Approx(1.5));  // type 7: 1 + 0.1 (6 - 1)
  CHECK(bands.q90[0] == doctest::Approx(5.5));
  CHECK(bands.q25[1] == doctest::Approx(17.5));
  CHECK(bands.q75[1] == doctest::Approx(32.5));
  CHECK(quantile_bands(data, "m", 6).steps == std::vector<int>{1});
  CHECK(quantile_bands(data, "unknown").steps.empty());
}
