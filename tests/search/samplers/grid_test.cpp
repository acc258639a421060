#include "search/samplers/grid.h"

#include <set>

#include "core/error.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("grid: refuses a float without step, naming it and the count of the rest") {
  const Space space({range("lr", Kind::float_, 1e-4, 1, Scale::log),
                     range("depth", Kind::int_, 1, 4),
                     choice("kind", {text("a"), text("b"), text("c")})});
  SamplerContext context;
  context.space = &space;
  CHECK_THROWS_WITH_AS(make_grid(context), doctest::Contains("lr without step, 12 combinations"),
                       UsageError);
  for (const Json& wrong : {Json(0), Json(1.5), Json("3"), Json(-1), Json(1e9)}) {
    context.options = {{"points", wrong}};
    CHECK_THROWS_AS(make_grid(context), UsageError);
  }
}

TEST_CASE("grid: the option points spreads a float over its scale, both ends included") {
  const Space space({range("lr", Kind::float_, 1e-4, 1, Scale::log)});
  SamplerContext context;
  context.space = &space;
  context.options = {{"type", "grid"}, {"points", 5}};
  const auto sampler = make_grid(context);
  std::set<double> values;
  History history;
  while (const auto proposal = sampler->propose(history)) {
    values.insert(as_number(*proposal->config.find("lr")));
    add(history, *proposal, Outcome::completed);
  }
  REQUIRE(values.size() == 5);
  double expected = 1e-4;
  for (const double value : values) {
    CHECK(value == doctest::Approx(expected).epsilon(1e-9));
    expected *= 10;
  }
}

TEST_CASE("grid: a stopped search continues with what is left, in the same order") {
  const Space space = small_space();
  const auto whole_run = sampler_for("grid", space, 9);
  History history;
  std::vector<Config> order;
  while (const auto proposal = whole_run->propose(history)) {
    order.push_back(proposal->config);
    add(history, *proposal, Outcome::completed);
  }
  for (std::size_t cut = 0; cut < order.size(); ++cut) {
    History part;
    part.trials.assign(history.trials.begin(),
                       history.trials.begin() + static_cast<std::ptrdiff_t>(cut));
    CHECK(sampler_for("grid", space, 9)->propose(part)->config == order[cut]);
    CHECK(whole_run->propose(part)->config ==
          order[cut]);  // a sampler that knew more does not remember it
  }
}
