#include "search/importance/fanova.h"

#include <cmath>

#include "core/error.h"
#include "search/importance/forest.h"
#include "search/sobol_sequence.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

struct Data {
  std::vector<Config> configs;
  std::vector<double> values;
};

template <class Function>
Data sampled(const Space& space, int n, std::uint64_t seed, const Function& f) {
  Data data;
  const ScrambledSobol sobol(space.size(), seed);
  for (int i = 0; i < n; ++i) {
    data.configs.push_back(space.from_unit(sobol.point(static_cast<std::uint32_t>(i))));
    data.values.push_back(f(data.configs.back()));
  }
  return data;
}

double at(const Config& config, const char* name) { return as_number(*config.find(name)); }

}  // namespace

TEST_CASE("fanova: known variances are found within 2 %, main effects and pairs") {
  const Space space({range("a", Kind::float_, 0, 1), range("b", Kind::float_, 1e-4, 1, Scale::log),
                     choice("c", {text("x"), text("y"), text("z"), text("w")}),
                     range("idle", Kind::float_, 0, 1)});
  // With u, v uniform on [-1, 1] and s = -1 or 1: variances 1/3 of u, 1/3 of v, 1 of s, 1/9 of u v; all orthogonal.
  const auto f = [](const Config& config) {
    const double u = 2 * at(config, "a") - 1, v = 1 + std::log10(at(config, "b")) / 2;
    const std::string c = to_text(*config.find("c"));
    const double s = c == "x" || c == "w" ? 1 : -1;
    return 2 * u + v + 0.5 * s + 2 * u * v;
  };
  const double parts[] = {4.0 / 3, 1.0 / 3, 0.25, 4.0 / 9};
  const double total = parts[0] + parts[1] + parts[2] + parts[3];
  for (const std::uint64_t seed : {1, 2}) {
    const Data data = sampled(space, 3000, seed, f);
    const Fanova found = fanova(space, data.configs, data.values, seed);
    for (int j = 0; j < 3; ++j) {
      CAPTURE(j);
      CHECK(std::fabs(found.main[static_cast<std::size_t>(j)] - parts[j] / total) < 0.02);
    }
    CHECK(found.main[3] < 0.005);
    REQUIRE(found.pairs.size() == 6);
    CHECK(found.pairs[0].first == 0);
    CHECK(found.pairs[0].second == 1);
    CHECK(std::fabs(found.pairs[0].share - parts[3] / total) < 0.02);
    CHECK(found.pairs[1].share < 0.01);
  }
}

TEST_CASE("fanova: an optimum inside the range matters, where a correlation sees nothing") {
  const Space space({range("a", Kind::float_, 0, 1), range("b", Kind::float_, 0, 1)});
  const Data data = sampled(space, 200, 3, [](const Config& config) {
    return std::pow(at(config, "a") - 0.5, 2) + 0.01 * at(config, "b");
  });
  const Fanova found = fanova(space, data.configs, data.values);
  CHECK(found.main[0] > 0.9);
  CHECK(found.main[1] < 0.05);
  const auto ped = ped_anova(space, data.configs, data.values);
  CHECK(ped[0] > 0.8);
  CHECK(ped[0] + ped[1] == doctest::Approx(1));
}

TEST_CASE("fanova: the forest's marginals are the means of its predictions") {
  for_seeds(3, [](Rng& rng) {
    std::vector<std::vector<double>> x;
    std::vector<double> y;
    for (int i = 0; i < 60; ++i) {
      x.push_back({rng.uniform(), (std::floor(rng.uniform() * 3) + 0.5) / 3, rng.uniform()});
      y.push_back(rng.normal() + x.back()[0] * 3 + (x.back()[1] > 0.5 ? 1 : 0));
    }
    const std::vector<int> categories = {0, 3, 0};
    const Forest forest(x, y, categories, 5, 8);
    const std::vector<double> a = {0.1, 0.55, 0.9}, b = {0.5 / 3, 2.5 / 3};
    const auto alone = forest.marginal(0, a, -1, {});
    const auto pair = forest.marginal(0, a, 1, b);
    constexpr int fine = 400;
    for (std::size_t i = 0; i < a.size(); ++i) {
      double sum = 0;
      for (int c = 0; c < 3; ++c) {
        double inner = 0;
        for (int k = 0; k < fine; ++k)
          inner += forest.predict(std::vector<double>{a[i], (c + 0.5) / 3, (k + 0.5) / fine});
        sum += inner / fine / 3;
        if (c != 1) CHECK(pair[i * 2 + (c == 2)] == doctest::Approx(inner / fine).epsilon(0.02));
      }
      CHECK(alone[i] == doctest::Approx(sum).epsilon(0.02));
    }
  });
}

TEST_CASE("importance: few trials, equal values, wrong sizes and values from outside do no harm") {
  const Space space = conditional_space();
  CHECK(fanova(space, {}, {}).main == std::vector<double>(6, 0));
  std::vector<Config> configs;
  std::vector<double> values;
  for_seeds(1, [&](Rng& rng) {
    for (int i = 0; i < 60; ++i) {
      std::vector<double> unit(6);
      for (double& u : unit) u = rng.uniform();
      configs.push_back(space.from_unit(unit));
      values.push_back(1);
    }
  });
  CHECK(fanova(space, configs, values).main == std::vector<double>(6, 0));
  for (std::size_t i = 0; i < configs.size(); ++i) values[i] = i % 5 ? score(configs[i]) : NAN;
  configs[1] = Config({{"lr", Value(7.0)}});
  double sum = 0;
  for (const double share : fanova(space, configs, values).main) sum += share;
  CHECK(sum > 0.3);
  CHECK(sum <= 1.2);
  CHECK_THROWS_AS(fanova(space, configs, std::vector<double>{1}), UsageError);
}

TEST_CASE("importance: a warning where the best trials press against an end, else none") {
  const Space space({range("a", Kind::float_, 0, 1), range("k", Kind::int_, 1, 10),
                     range("m", Kind::float_, 0, 1)});
  const Data data = sampled(space, 400, 2, [](const Config& config) {
    return -at(config, "a") - 0.3 * at(config, "k") + std::pow(at(config, "m") - 0.5, 2);
  });
  const auto warnings = edge_warnings(space, data.configs, data.values);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].parameter == 1);
  CHECK(warnings[0].upper);
  CHECK(warnings[0].best == whole(10));
}
