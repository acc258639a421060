// What a model sampler is shown of trials that came to different rungs.
#include "search/rungs.h"

#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

History pending(int trials) {
  History history;
  for (int number = 1; number <= trials; ++number) {
    Observation seen;
    seen.number = number;
    history.trials.push_back(seen);
  }
  return history;
}

}  // namespace

TEST_CASE("rungs: values are carried to the top rung by the median change of those that went on") {
  Rungs rungs({1, 3, 9});
  for (int number = 1; number <= 6; ++number) rungs.enter(0, number, number);
  // Changes of -0.5, -0.7 and -3: the median is -0.7.
  rungs.enter(1, 1, 0.5);
  rungs.enter(1, 2, 1.3);
  rungs.enter(1, 3, 0.0);
  rungs.enter(2, 3, -1.0);  // one pair: no step is known from it
  const History seen = rungs.view(pending(7), std::vector<char>(7, true));
  const double expected[] = {0.5, 1.3, 0.0, 3.3, 4.3, 5.3};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    CHECK(seen.trials[i].outcome == Outcome::completed);
    REQUIRE(seen.trials[i].value);
    CHECK(*seen.trials[i].value == doctest::Approx(expected[i]));
    CHECK(seen.trials[i].steps == 3);
  }
  CHECK(seen.trials[2].rung == 9);
  CHECK(seen.trials[2].rung_value == -1);
  CHECK(seen.trials[6].outcome == Outcome::pending);
  CHECK_FALSE(seen.trials[6].value);
}

TEST_CASE(
    "rungs: lost trials stay failures, and a trial that neither runs nor has a value is stopped") {
  Rungs rungs({1, 3});
  rungs.enter(0, 1, 2.0);
  rungs.lose(2);
  History history = pending(3);
  history.trials[1].outcome = Outcome::diverged;
  const History seen = rungs.view(history, {false, false, false});
  CHECK(seen.trials[0].outcome == Outcome::completed);
  CHECK(*seen.trials[0].value == 2.0);
  CHECK(seen.trials[0].steps == 1);
  CHECK(seen.trials[1].outcome == Outcome::diverged);
  CHECK(seen.trials[2].outcome == Outcome::stopped);
}
