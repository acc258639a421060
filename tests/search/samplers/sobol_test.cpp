#include "search/samplers/sobol.h"

#include <set>

#include "search/initial_design.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("sobol: 16 trials fill all 16 cells of a 4 x 4 grid") {
  const Space space = float_space();
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    const auto sampler = sampler_for("sobol", space, seed);
    History history;
    std::set<std::pair<int, int>> cells;
    for (int i = 0; i < 16; ++i) {
      const auto proposal = sampler->propose(history);
      const auto unit = space.to_unit(proposal->config);
      cells.emplace(static_cast<int>(unit[0] * 4), static_cast<int>(unit[1] * 4));
      add(history, *proposal, Outcome::completed);
    }
    CHECK(cells.size() == 16);
  }
}

TEST_CASE(
    "the initial design is the centre, then different points, max(5, d + 1) in all; known trials "
    "count") {
  const Space space = float_space();
  InitialDesign design(space, 1);
  CHECK(design.size() == 5);
  std::vector<Parameter> many;
  for (int i = 0; i < 8; ++i) many.push_back(range("x" + std::to_string(i), Kind::float_, 0, 1));
  const Space wide(many);
  CHECK(InitialDesign(wide, 1).size() == 9);
  History history;
  CHECK(*design.propose(history) == Config({{"x", Value(2.5)}, {"y", Value(7.5)}}));
  add(history, {Config({{"x", Value(1.0)}, {"y", Value(1.0)}}), {}},
      Outcome::completed);  // enqueued
  std::set<std::string> keys;
  while (!design.over(history)) {
    const auto config = design.propose(history);
    REQUIRE(config);
    keys.insert(config->key());
    add(history, {*config, {}}, Outcome::failed);
  }
  CHECK(keys.size() == 4);
  CHECK(keys.contains(Config({{"x", Value(2.5)}, {"y", Value(7.5)}}).key()));
}

TEST_CASE("the initial design leaves out a centre that the constraints forbid") {
  const Space space({range("x", Kind::float_, 0, 1), range("y", Kind::float_, 0, 1)},
                    {"x + y < 0.9"});
  InitialDesign design(space, 1);
  const auto config = design.propose({});
  REQUIRE(config);
  CHECK(space.satisfies(*config));
}
