#include "reports/analysis/paired.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <vector>

using namespace vernier::reports;

TEST_CASE("the sign-flip p-value counts every assignment of signs") {
  CHECK(sign_flip_p(std::vector<double>{1, 2, 3}).value() == 2.0 / 8);
  // +-1 +-2 +-3 gives 6 0 2 -4 4 -2 0 -6: six of eight are at least 2 from 0.
  CHECK(sign_flip_p(std::vector<double>{1, -2, 3}).value() == 6.0 / 8);
  CHECK(sign_flip_p(std::vector<double>{-1, -2, -3}).value() == 2.0 / 8);
  CHECK(sign_flip_p(std::vector<double>{1, -1}).value() == 1);
  CHECK(sign_flip_p(std::vector<double>{0, 0, 0}).value() == 1);
  CHECK(sign_flip_p(std::vector<double>(6, 0.1)).value() == 2.0 / 64);
  CHECK(sign_flip_p(std::vector<double>(40, 0.1)).value() == std::ldexp(1.0, -39));
  CHECK_FALSE(sign_flip_p(std::vector<double>{}).has_value());
  CHECK_FALSE(sign_flip_p(std::vector<double>(41, 1)).has_value());
  CHECK_FALSE(sign_flip_p(std::vector<double>{1, NAN}).has_value());
}

TEST_CASE("the two halves that meet agree with plain enumeration") {
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0.4, 1);
  for (int n = 1; n <= 12; ++n) {
    std::vector<double> d(static_cast<std::size_t>(n));
    for (double& x : d) x = normal(random);
    double total = 0;
    for (const double x : d) total += x;
    int beyond = 0;
    for (int signs = 0; signs < 1 << n; ++signs) {
      double sum = 0;
      for (int i = 0; i < n; ++i)
        sum += signs >> i & 1 ? d[static_cast<std::size_t>(i)] : -d[static_cast<std::size_t>(i)];
      if (std::abs(sum) >= std::abs(total) - 1e-9) ++beyond;
    }
    CAPTURE(n);
    CHECK(sign_flip_p(d).value() == doctest::Approx(beyond / std::ldexp(1.0, n)).epsilon(1e-12));
  }
}

TEST_CASE("under six pairs no p-value reaches 0.05") {
  CHECK(least_sign_flip_p(5) == 0.0625);
  CHECK(least_sign_flip_p(6) == 0.03125);
  CHECK(least_sign_flip_p(0) == 1);
  CHECK(least_sign_flip_p(1) == 1);
}

TEST_CASE("the interval of paired differences is Student's, and the verdict follows from it") {
  const Paired wide = paired(std::vector<double>{1, 2, 3, NAN});
  CHECK(wide.n == 3);
  CHECK(wide.mean == doctest::Approx(2));
  CHECK(*wide.half_width == doctest::Approx(4.302653 / std::sqrt(3.0)).epsilon(1e-6));
  CHECK(wide.verdict() == Verdict::undecided);
  const Paired narrow = paired(std::vector<double>{1.0, 1.1, 0.9, 1.05, 0.95});
  CHECK(*narrow.half_width == doctest::Approx(0.0981622).epsilon(1e-5));
  CHECK(narrow.verdict() == Verdict::better);
  CHECK(paired(std::vector<double>{-1.0, -1.1, -0.9}).verdict() == Verdict::worse);
  CHECK(paired(std::vector<double>{1}).verdict() == Verdict::undecided);
  CHECK(paired(std::vector<double>{}).n == 0);
  // No spread at all is no evidence of certainty.
  CHECK(paired(std::vector<double>{1, 1}).verdict() == Verdict::undecided);
}

TEST_CASE("how many pairs would decide") {
  // t(0.975, 5) / sqrt 6 = 1.049, t(0.975, 6) / sqrt 7 = 0.925
  CHECK(pairs_to_decide(1, 1) == 7);
  CHECK(pairs_to_decide(-1, 1) == 7);
  CHECK(pairs_to_decide(100, 1) == 2);
  CHECK_FALSE(pairs_to_decide(0, 1).has_value());
  CHECK_FALSE(pairs_to_decide(1e-6, 1).has_value());
}
