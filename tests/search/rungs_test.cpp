// What a model sampler is shown of trials that came to different rungs.
#include "search/rungs.h"

#include <cmath>

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

History view_of(const Rungs& rungs, const History& history, bool running = true) {
  History view;
  rungs.update_view(history, std::vector<char>(history.trials.size(), running), view);
  return view;
}

}  // namespace

TEST_CASE("rungs: values are carried to the top rung by a line through those that went on") {
  Rungs rungs({1, 3, 9});
  for (int number = 1; number <= 6; ++number) rungs.enter(0, number, number);
  // About the medians 2 and 0.5: product -0.5, square 2, so least squares say -1/4; with two pairs for 1 of five: 1/4. What is left of
  // the values is 0.25, 0.8 and -0.75: the shift is 0.25, the variance (0 + 0.55^2 + 1) / 3.
  rungs.enter(1, 1, 0.5);
  rungs.enter(1, 2, 1.3);
  rungs.enter(1, 3, 0.0);
  rungs.enter(2, 3, -1.0);  // one pair: no step is known from it
  const History seen = view_of(rungs, pending(7));
  const double expected[] = {0.5, 1.3, 0.0, 1.25, 1.5, 1.75};
  for (std::size_t i = 0; i < 6; ++i) {
    CAPTURE(i);
    CHECK(seen.trials[i].outcome == Outcome::completed);
    REQUIRE(seen.trials[i].value);
    CHECK(*seen.trials[i].value == doctest::Approx(expected[i]));
    CHECK(seen.trials[i].doubt == doctest::Approx(i < 3 ? 0 : 1.3025 / 3));
    CHECK(seen.trials[i].steps == 3);
  }
  CHECK(seen.trials[2].rung == 9);
  CHECK(seen.trials[2].rung_value == -1);
  CHECK(seen.trials[6].outcome == Outcome::pending);
  CHECK_FALSE(seen.trials[6].value);
  CHECK(seen.trials[6].doubt == 0);
}

TEST_CASE("rungs: over two rungs lines follow one another, and doubts add up") {
  Rungs rungs({1, 3, 9});
  const double first[] = {-9, -8, -6, -2, -1}, second[] = {-8.9, -8.6, -7.1, -5},
               third[] = {-9, -8.5, -7.8};
  for (int i = 0; i < 5; ++i) rungs.enter(0, i + 1, first[i]);
  for (int i = 0; i < 4; ++i) rungs.enter(1, i + 1, second[i]);
  const History low = view_of(rungs, pending(5));
  const double by_first = *low.trials[4].value, doubt = low.trials[4].doubt;
  CHECK(doubt > 0);
  for (int i = 0; i < 3; ++i) rungs.enter(2, i + 1, third[i]);
  const History high = view_of(rungs, pending(5));
  // The 4th was on the second rung at -5: it shows the second line, and the 5th one value more of it.
  Rungs alone({3, 9});
  for (int i = 0; i < 4; ++i) alone.enter(0, i + 1, second[i]);
  for (int i = 0; i < 3; ++i) alone.enter(1, i + 1, third[i]);
  alone.enter(0, 5, by_first);
  const History apart = view_of(alone, pending(5));
  CHECK(*high.trials[3].value == doctest::Approx(*apart.trials[3].value));
  CHECK(*high.trials[4].value == doctest::Approx(*apart.trials[4].value));
  const double slope = (*apart.trials[4].value - *apart.trials[3].value) / (by_first - second[3]);
  CHECK(high.trials[4].doubt ==
        doctest::Approx(slope * slope * doubt + apart.trials[4].doubt).epsilon(1e-9));
}

TEST_CASE(
    "rungs: positive values are shown as their logarithms, of limits broken too; one that is not "
    "positive ends that") {
  const double values[3][4] = {{0.5, 2, 3, 8}, {0.3, 1.1, 2, 3}, {0.2, 1, 1.5, 2.5}};
  Rungs rungs({1, 3, 9}), logs({1, 3, 9});
  for (std::size_t k = 0; k < 3; ++k)
    for (int number = 1; number <= 4 - (k == 2); ++number) {
      rungs.enter(k, number, values[k][number - 1]);
      logs.enter(k, number, std::log(values[k][number - 1]));
    }
  History history = pending(5), logged = pending(5);
  for (History* of : {&history, &logged}) of->trials[4].outcome = Outcome::infeasible;
  history.trials[4].measured = 0.7;
  logged.trials[4].measured = std::log(0.7);
  const History seen = view_of(rungs, history), expected = view_of(logs, logged);
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(seen.trials[i].value == expected.trials[i].value);
    CHECK(seen.trials[i].doubt == expected.trials[i].doubt);
    CHECK(seen.trials[i].rung_value == expected.trials[i].rung_value);
    CHECK(seen.trials[i].measured == expected.trials[i].measured);
  }
  CHECK(seen.trials[3].doubt > 0);
  history.trials[4].measured = -0.7;
  CHECK(*view_of(rungs, history).trials[0].value == 0.2);
  history.trials[4].measured = 0.7;
  rungs.enter(0, 6, 0.0);
  CHECK(*view_of(rungs, history).trials[0].value == 0.2);
  CHECK(*view_of(rungs, history).trials[4].measured == 0.7);
}

TEST_CASE("rungs: trials compared from a higher rung on say nothing of the way to it") {
  Rungs rungs({1, 3, 9});
  for (int number = 1; number <= 5; ++number) rungs.reach(number, 1, 10.0 * number);
  for (int number = 1; number <= 3; ++number) rungs.reach(number, 3, number);
  const History before = view_of(rungs, pending(5));
  for (int number = 6; number <= 9; ++number) rungs.reach(number, 3, 4.0 * number, 1);
  rungs.lose(10, 1);
  CHECK_FALSE(rungs.has(0, 6));
  CHECK_FALSE(rungs.has(0, 10));
  CHECK(rungs.ranking(0).size() == 5);
  CHECK(rungs.ranking(1).size() == 8);
  const History after = view_of(rungs, pending(10));
  for (std::size_t i = 0; i < 5; ++i) {
    CHECK(*after.trials[i].value == *before.trials[i].value);
    CHECK(after.trials[i].doubt == before.trials[i].doubt);
  }
  CHECK(*after.trials[5].value == std::log(24.0));
  CHECK(after.trials[5].doubt == 0);
  CHECK_FALSE(after.trials[9].value);
}

TEST_CASE(
    "rungs: lost trials stay failures, and a trial that neither runs nor has a value is stopped") {
  Rungs rungs({1, 3});
  rungs.enter(0, 1, 2.0);
  rungs.lose(2);
  History history = pending(3);
  history.trials[1].outcome = Outcome::diverged;
  const History seen = view_of(rungs, history, false);
  CHECK(seen.trials[0].outcome == Outcome::completed);
  CHECK(*seen.trials[0].value == std::log(2.0));
  CHECK(seen.trials[0].steps == 1);
  CHECK(seen.trials[1].outcome == Outcome::diverged);
  CHECK(seen.trials[2].outcome == Outcome::stopped);
}

TEST_CASE("rungs: a view that is kept up to date is what one made anew is") {
  Rungs rungs({1, 3, 9});
  History history, kept;
  Rng rng({5, Stream::data, 0});
  for (int step = 0; step < 120; ++step) {
    if (step % 3 == 0) {
      history.trials.push_back(pending(1).trials[0]);
      history.trials.back().number = static_cast<int>(history.trials.size());
      history.trials.back().config.set("k", static_cast<std::int64_t>(step));
    }
    const std::size_t i = rng.below(history.trials.size());
    Observation& changed = history.trials[i];
    const std::size_t rung = rng.below(3);
    if (rng.below(8) == 0) {
      changed.outcome = Outcome::infeasible;
      changed.measured = rng.uniform();
      changed.margins = {1.0};
      rungs.lose(changed.number);
    } else if (changed.outcome == Outcome::pending) {
      for (std::size_t k = 0; k <= rung; ++k) rungs.enter(k, changed.number, rng.uniform());
    }
    const std::vector<char> running(history.trials.size(), step % 2 == 0);
    rungs.update_view(history, running, kept);
    const History fresh = view_of(rungs, history, step % 2 == 0);
    REQUIRE(kept.trials.size() == fresh.trials.size());
    for (std::size_t k = 0; k < kept.trials.size(); ++k) {
      const Observation &a = kept.trials[k], &b = fresh.trials[k];
      CHECK(a.config == b.config);
      CHECK(a.outcome == b.outcome);
      CHECK(a.value == b.value);
      CHECK(a.doubt == b.doubt);
      CHECK(a.measured == b.measured);
      CHECK(a.margins == b.margins);
      CHECK(a.rung == b.rung);
      CHECK(a.rung_value == b.rung_value);
    }
  }
}
