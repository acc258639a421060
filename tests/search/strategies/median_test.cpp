#include "search/strategies/median.h"

#include <climits>

#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

struct Hand {
  Space space = float_space();
  std::unique_ptr<Strategy> strategy;
  explicit Hand(Json options = Json::object()) {
    StrategyContext context;
    context.sampler = sampler_for("random", space, 1);
    context.trials = 100;
    context.max_steps = 4;
    context.options = options;
    strategy = make_median(std::move(context));
  }
  int start() { return std::get<Start>(strategy->ask()).number; }
  /// Reports values at steps 1, 2, ...; the step at which it was stopped, 0: completed.
  int train(const std::vector<double>& values) {
    const int number = start();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int step = static_cast<int>(i) + 1;
      if (strategy->report(number, {step, values[i]}) == Verdict::stop) {
        strategy->tell(number, {Outcome::stopped, values[i], step});
        return step;
      }
    }
    strategy->tell(number, {Outcome::completed, values.back(), 4});
    return 0;
  }
};

}  // namespace

TEST_CASE(
    "median: nothing stops before five trials have completed, then what is worse than their median "
    "at the step") {
  Hand hand;
  for (int i = 0; i < 5; ++i)
    CHECK(hand.train({9, 10.0 + i, 20.0 + i, 1}) == 0);  // medians: 12 at step 2, 22 at step 3
  CHECK(hand.train({99, 12.5, 0, 0}) == 2);
  CHECK(hand.train({99, 11.5, 0, 0}) == 0);      // step 1 is grace
  CHECK(hand.train({5, 99, 99, 99}) == 0);       // its best so far is good
  CHECK(hand.train({99, 12.0, 12.0, 99}) == 0);  // equal is not worse; the last step is not decided
}

TEST_CASE("median: startup and min_steps are options") {
  Hand hand({{"type", "median"}, {"startup", 1}, {"min_steps", 2}});
  CHECK(hand.train({1, 1, 1, 1}) == 0);
  CHECK(hand.train({9, 9, 9, 9}) == 3);
}

TEST_CASE("median: stopped and failed trials do not move the median") {
  Hand hand(Json{{"startup", 1}});
  CHECK(hand.train({1, 5, 5, 5}) == 0);
  for (int i = 0; i < 5; ++i) CHECK(hand.train({9, 6.0 + i, 0, 0}) == 2);
  CHECK(hand.train({9, 5.5, 0, 0}) == 2);
  hand.strategy->tell(hand.start(), {Outcome::failed, {}, 0});
  CHECK(hand.train({9, 4.5, 5, 5}) == 0);
}

TEST_CASE("median: a diverging value is worse than any median") {
  Hand hand(Json{{"startup", 1}});
  CHECK(hand.train({1, 5, 5, 5}) == 0);
  CHECK(hand.train({std::nan(""), std::nan(""), 5, 5}) == 2);
}
