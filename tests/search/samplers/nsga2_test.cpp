#include "search/samplers/nsga2.h"

#include <cmath>

#include "search/pareto.h"
#include "tests/search/zdt.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

double found_share(int which, int evaluations) {
  return zdt_share(make_nsga2, which, 30, evaluations, 7);
}

}  // namespace

TEST_CASE(
    "nsga2: on ZDT1 and 3 with 30 parameters 6,000 trials cover 85 % of the true front's area") {
  for (const int which : {1, 3}) {
    CAPTURE(which);
    const double share = found_share(which, 6000);
    CHECK(share > 0.85);
    CHECK(share <= 1 + 1e-9);
  }
}

// Most of a minute: test_search --no-skip -tc="*20,000*"
TEST_CASE("nsga2: on ZDT1-3 with 30 parameters 20,000 trials come within 1 % of the true area" *
          doctest::skip()) {
  for (const int which : {1, 2, 3}) {
    const double share = found_share(which, 20000);
    MESSAGE("ZDT" << which << ": " << 100 * share << " % of the true front's area");
    CHECK(share > 0.99);
  }
}

TEST_CASE("nsga2: eight pending trials and failures do no harm") {
  const Space space = conditional_space();
  SamplerContext context;
  context.space = &space;
  context.seed = 3;
  context.budget = 200;
  context.objectives = 2;
  const auto sampler = make_nsga2(context);
  History history;
  double first = 0, last = 0;
  for (int i = 0; i < 200; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    add(history, *proposal, Outcome::pending);
    if (i < 8) continue;
    Observation& done = history.trials[static_cast<std::size_t>(i - 8)];
    done.outcome = i % 7 == 0 ? Outcome::failed : Outcome::completed;
    if (i % 7 == 0) continue;
    const double a = score(done.config), b = -as_number(*done.config.find("lr"));
    done.value = a;
    done.values = {a, b};
    (i < 58 ? first : last) += i < 58 || i >= 150 ? a + 10 * b : 0;
  }
  CHECK(last / 50 < first / 50);
}

TEST_CASE("pareto: fronts, crowding and area of a hand-made set") {
  const std::vector<std::vector<double>> points = {{0, 4}, {1, 2}, {2, 1}, {4, 0},
                                                   {2, 2}, {5, 5}, {1, 2}};
  CHECK(fronts(points) == std::vector<int>{0, 0, 0, 0, 1, 2, 0});
  const auto apart = crowding({{0, 4}, {1, 2}, {2, 1}, {4, 0}});
  CHECK(std::isinf(apart[0]));
  CHECK(std::isinf(apart[3]));
  CHECK(apart[1] == doctest::Approx(2.0 / 4 + 3.0 / 4));
  CHECK(apart[2] == doctest::Approx(3.0 / 4 + 2.0 / 4));
  CHECK(hypervolume(points, std::vector<double>{5, 5}) ==
        doctest::Approx(1 * 1 + 1 * 3 + 2 * 4 + 1 * 5));
  const auto best = survivors(points, 3);
  REQUIRE(best.size() == 3);
  CHECK(best[0] == 0);
  CHECK(best[1] == 3);
  CHECK(dominates(std::vector<double>{1, 1}, std::vector<double>{1, 2}));
  CHECK_FALSE(dominates(std::vector<double>{1, 1}, std::vector<double>{1, 1}));
}
