#include "search/problems/problem.h"

#include "core/error.h"
#include "search/space.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE(
    "problems: the minimiser has the minimum, its neighbours and random points are not below it") {
  for (const Problem& p : problems()) {
    CAPTURE(p.name);
    const Space space(p.parameters);
    CHECK_NOTHROW(space.check(p.minimiser));
    CHECK(p.value(p.minimiser) == doctest::Approx(p.minimum).epsilon(1e-5));
    for_seeds(3, [&](Rng& rng) {
      const std::vector<double> centre = space.to_unit(p.minimiser);
      for (int i = 0; i < 500; ++i) {
        std::vector<double> unit = centre;
        for (double& u : unit) u = i % 2 ? rng.uniform() : u + 1e-4 * rng.normal();
        CHECK(p.value(space.from_unit(unit)) >= p.minimum - 1e-9);
      }
    });
  }
}

TEST_CASE("problems: values at points computed elsewhere") {
  const auto at = [](const char* name, std::vector<double> x) {
    Config config;
    for (std::size_t i = 0; i < x.size(); ++i) config.set("x" + std::to_string(i), x[i]);
    return problem(name).value(config);
  };
  CHECK(at("branin2", {0, 0}) ==
        doctest::Approx(55.60211264).epsilon(1e-8));  // (-6)^2 + 10 (1 - 1 / (8 pi)) + 10
  CHECK(at("rosenbrock4", {0, 0, 0, 0}) == 3);
  CHECK(at("rosenbrock4", {2, 1, 0, 0}) == doctest::Approx(900 + 1 + 100 + 0 + 0 + 1));
  CHECK(at("ackley5", {0, 0, 0, 0, 0}) == doctest::Approx(0).epsilon(1e-12));
  CHECK_THROWS_WITH_AS(problem("branin"), doctest::Contains("branin2"), UsageError);
}
