#include "engine/math/portable.h"

#include <doctest/doctest.h>

#include <cmath>

namespace vernier::engine {
namespace {

TEST_CASE("elementary functions agree with the C library's to 1e-13") {
  for (int i = -20000; i <= 20000; ++i) {
    const double x = i * 0.0173 + 1e-4 * (i % 7);
    CAPTURE(x);
    REQUIRE(portable_exp(x) == doctest::Approx(std::exp(x)).epsilon(1e-13).scale(0));
    REQUIRE(std::fabs(portable_sin(x) - std::sin(x)) < 1e-13);
    REQUIRE(std::fabs(portable_cos(x) - std::cos(x)) < 1e-13);
    REQUIRE(std::fabs(portable_tanh(x / 100) - std::tanh(x / 100)) < 1e-13);
    const double positive = std::exp(x);
    REQUIRE(std::fabs(portable_log(positive) - std::log(positive)) < 1e-13 * (1 + std::fabs(x)));
  }
  CHECK(portable_exp(-1e300) == 0);
  CHECK(std::isinf(portable_exp(1e300)));
  CHECK(portable_log(1.0) == 0);
}

TEST_CASE("normal numbers have the moments of the normal distribution") {
  constexpr int n = 100000;
  double sums[5] = {};
  for (int i = 0; i < n; ++i) {
    const double z =
        portable_normal(random_block({5, Stream::data, 0}, 0, static_cast<std::uint64_t>(i)));
    double power = 1;
    for (double& sum : sums) {
      sum += power;
      power *= z;
    }
  }
  // Five standard errors: sqrt of the variances 1, 2, 15 and 96 of z, z^2, z^3 and z^4, over sqrt n.
  CHECK(std::fabs(sums[1] / n) < 0.016);
  CHECK(std::fabs(sums[2] / n - 1) < 0.023);
  CHECK(std::fabs(sums[3] / n) < 0.062);
  CHECK(std::fabs(sums[4] / n - 3) < 0.155);
}

}  // namespace
}  // namespace vernier::engine
