#include "search/samplers/random.h"

#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE(
    "random and sobol: a trial's configuration does not depend on results, only on seed and "
    "number") {
  const Space space = conditional_space();
  for (const char* name : {"random", "sobol"}) {
    CAPTURE(name);
    History finished, waiting;
    for (int i = 1; i <= 30; ++i) {
      const auto a = sampler_for(name, space, 7)->propose(finished),
                 b = sampler_for(name, space, 7)->propose(waiting);
      CHECK(a->config == b->config);
      add(finished, *a, Outcome::completed);
      add(waiting, *b, Outcome::pending);
    }
  }
}

TEST_CASE("random: choices come with their probabilities and ranges evenly") {
  Parameter weighted = choice("c", {text("rare"), text("common")});
  weighted.weights = {1, 3};
  const Space space({weighted, range("x", Kind::float_, 0, 1)});
  const auto sampler = sampler_for("random", space, 1);
  History history;
  int common = 0, low = 0;
  const int n = 2000;
  for (int i = 0; i < n; ++i) {
    const auto proposal = sampler->propose(history);
    common += *proposal->config.find("c") == text("common");
    low += as_number(*proposal->config.find("x")) < 0.5;
    add(history, *proposal, Outcome::pending);
  }
  CHECK(common == doctest::Approx(0.75 * n).epsilon(0.05));  // 3 standard errors: 0.04
  CHECK(low == doctest::Approx(0.5 * n).epsilon(0.08));
}

TEST_CASE("random and sobol find the rare allowed points of a tight constraint") {
  const Space space({range("x", Kind::float_, 0, 1), range("y", Kind::float_, 0, 1)},
                    {"x + y > 1.97"});
  for (const char* name : {"random", "sobol"}) {
    CAPTURE(name);
    const auto sampler = sampler_for(name, space, 4);
    History history;
    for (int i = 0; i < 20; ++i) {
      const auto proposal = sampler->propose(history);
      REQUIRE(proposal);
      CHECK(space.satisfies(proposal->config));
      add(history, *proposal, Outcome::completed);
    }
  }
}
