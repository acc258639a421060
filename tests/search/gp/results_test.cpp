#include "search/gp/results.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

namespace {

Observation trial(Outcome outcome, std::optional<double> value, int steps) {
  Observation o;
  o.outcome = outcome;
  o.value = value;
  o.steps = steps;
  return o;
}

}  // namespace

TEST_CASE("failures of every kind are results without a value, pending ones are none") {
  History history;
  for (const Outcome outcome : {Outcome::failed, Outcome::diverged, Outcome::infeasible})
    history.trials.push_back(trial(outcome, 0.1, 3));
  history.trials.push_back(trial(Outcome::completed, std::nan(""), 3));
  history.trials.push_back(trial(Outcome::completed, 0.5, 9));
  history.trials.push_back(trial(Outcome::pending, std::nullopt, 0));
  history.trials.push_back(trial(Outcome::stopped, std::nullopt, 0));
  const Results r = collect_results(history, 4);
  CHECK(r.known == std::vector<char>{1, 1, 1, 1, 1, 0, 0});
  CHECK(r.count == 5);
  CHECK(r.successes == 1);
  CHECK(r.values[4] == std::vector{0.5});
  for (const int i : {0, 1, 2, 3}) CHECK(r.values[i].empty());
}

TEST_CASE("a stopped trial counts at best as the median of the finished ones") {
  History history;
  for (const double v : {1.0, 2.0, 3.0, 4.0, 5.0})
    history.trials.push_back(trial(Outcome::completed, v, 10));
  history.trials.push_back(trial(Outcome::stopped, 0.5, 2));
  history.trials.push_back(trial(Outcome::stopped, 9.0, 2));
  history.trials.push_back(trial(Outcome::pending, 0.1, 4));
  const Results r = collect_results(history, 4);
  CHECK(r.values[5] == std::vector{3.0});
  CHECK(r.values[6] == std::vector{9.0});
  CHECK(r.known[7] == 0);
}

TEST_CASE("few finished trials: the highest rung with enough results is the level") {
  History history;
  history.trials.push_back(trial(Outcome::completed, 1.0, 9));
  history.trials.push_back(trial(Outcome::pending, 2.0, 3));  // paused at a rung
  history.trials.push_back(trial(Outcome::pending, 3.0, 3));
  history.trials.push_back(trial(Outcome::stopped, 4.0, 3));
  history.trials.push_back(trial(Outcome::pending, 0.5, 1));
  const Results at_three = collect_results(history, 4);
  CHECK(at_three.known == std::vector<char>{1, 1, 1, 1, 0});
  CHECK(at_three.successes == 4);
  CHECK(collect_results(history, 5).known == std::vector<char>{1, 1, 1, 1, 1});
  // Not even one level has six: the finished ones alone.
  const Results few = collect_results(history, 6);
  CHECK(few.known == std::vector<char>{1, 0, 0, 1, 0});
}

TEST_CASE("several objectives: completed trials with all of them, stopped ones are no result") {
  History history;
  history.trials.push_back(trial(Outcome::completed, 1.0, 9));
  history.trials.back().values = {1.0, 2.0};
  history.trials.push_back(trial(Outcome::completed, 1.0, 9));
  history.trials.back().values = {1.0, HUGE_VAL};
  history.trials.push_back(trial(Outcome::completed, 1.0, 9));  // one value only
  history.trials.push_back(trial(Outcome::failed, std::nullopt, 1));
  history.trials.push_back(trial(Outcome::stopped, 1.0, 3));
  history.trials.push_back(trial(Outcome::pending, std::nullopt, 0));
  const Results r = collect_results(history, 4, 2);
  CHECK(r.known == std::vector<char>{1, 1, 1, 1, 0, 0});
  CHECK(r.successes == 1);
  CHECK(r.count == 4);
  CHECK(r.values[0] == std::vector{1.0, 2.0});
  CHECK(r.values[1].empty());
}
