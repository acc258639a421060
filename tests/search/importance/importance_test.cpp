#include "search/importance/importance.h"

#include <cmath>

#include "core/error.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("importance: shares of squared Spearman correlations, with signs") {
  // By hand: ranks of value 1..5. a: ranks 1 2 3 5 4, sum d^2 = 2, rho = 0.9; b: 5 4 2 3 1, sum d^2 = 38, rho = -0.9; c: 1 5 3 4 2, sum
  // d^2 = 9 + 9 + 0 + 1 + ... = 0 + 9 + 0 + 0 + 9 = 18, rho = 0.1.
  const std::vector<double> a = {1, 2, 3, 50, 4}, b = {5, 4, 2, 3, -1},
                            c = {0.1, 0.5, 0.3, 0.4, 0.2};
  std::vector<Config> configs;
  for (std::size_t i = 0; i < 5; ++i)
    configs.push_back(Config({{"a", a[i]}, {"b", b[i]}, {"c", c[i]}}));
  const std::vector<double> values = {10, 20, 30, 40, 500};
  const auto shares = importance(configs, values);
  REQUIRE(shares.size() == 3);
  const double total = 0.81 + 0.81 + 0.01;
  CHECK(shares[0].name == "a");
  CHECK(shares[0].share == doctest::Approx(0.81 / total));
  CHECK(shares[0].sign == 1);
  CHECK(shares[1].name == "b");
  CHECK(shares[1].share == doctest::Approx(0.81 / total));
  CHECK(shares[1].sign == -1);
  CHECK(shares[2].share == doctest::Approx(0.01 / total));
}

TEST_CASE(
    "importance: a category that decides everything has it all, one of noise next to nothing") {
  std::vector<Config> configs;
  std::vector<double> values;
  for (int i = 0; i < 60; ++i) {
    const std::string noise(1, static_cast<char>('a' + (i * 7 + i / 5) % 6));
    configs.push_back(Config({{"kind", std::string(i % 3 == 0 ? "x" : "y")},
                              {"noise", noise},
                              {"flag", Value(i % 2 == 0)}}));
    values.push_back(i % 3 == 0 ? 1 : 2);
  }
  const auto shares = importance(configs, values);
  CHECK(shares[0].name == "kind");
  CHECK(shares[0].share > 0.9);
  CHECK(shares[0].sign == 0);
}

TEST_CASE("importance: missing parameters, failed trials, few trials and constants do no harm") {
  CHECK(importance({}, {}).empty());
  std::vector<Config> configs = {Config({{"x", 1.0}}), Config({{"x", 2.0}, {"y", 1.0}}),
                                 Config({{"x", 3.0}}), Config({{"x", 9.0}})};
  const auto shares = importance(configs, std::vector<double>{1, 2, 3, NAN});
  REQUIRE(shares.size() == 2);
  CHECK(shares[0].name == "x");
  CHECK(shares[0].share == 1);
  CHECK(shares[1].share == 0);
  for (const Importance& entry : importance(configs, std::vector<double>{1, 1, 1, 1}))
    CHECK(entry.share == 0);
  CHECK_THROWS_AS(importance(configs, std::vector<double>{1}), UsageError);
}

TEST_CASE("importance: a parameter that few configurations have counts for as many") {
  std::vector<Config> configs;
  std::vector<double> values;
  for (int i = 0; i < 40; ++i) {
    Config config({{"x", static_cast<double>(i)}});
    if (i % 4 == 0) config.set("rare", static_cast<double>(i));
    configs.push_back(config);
    values.push_back(i);
  }
  const auto shares = importance(configs, values);
  CHECK(shares[0].name == "x");
  CHECK(shares[0].share == doctest::Approx(0.8));
  CHECK(shares[1].share == doctest::Approx(0.2));
}
