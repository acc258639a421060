#include "reports/analysis/ranking.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;
using store::State;

TEST_CASE("completed and stopped trials with finite values are ranked, best first") {
  auto data = test::study();
  test::add(data, 0.5);
  test::add(data, State::stopped, 0.7);
  test::add(data, State::failed, std::nullopt);
  test::add(data, State::diverged, 0.9);
  test::add(data, State::completed, NAN);
  test::add(data, State::running, 0.99);
  test::add(data, 0.7);
  CHECK(ranking(data) == std::vector<std::size_t>{1, 6, 0});
  const auto ranks = rank_of_trials(data);
  CHECK(ranks[1] == 1);
  CHECK(ranks[6] == 2);  // equal values: the earlier trial first
  CHECK(ranks[0] == 3);
  CHECK_FALSE(ranks[3].has_value());
}

TEST_CASE("a minimised objective turns the order") {
  auto data = test::study(false);
  test::add(data, 0.5);
  test::add(data, 0.2);
  CHECK(ranking(data) == std::vector<std::size_t>{1, 0});
}

TEST_CASE("the best tenth is rounded up and never less than five") {
  auto data = test::study();
  for (int i = 0; i < 61; ++i) test::add(data, i);
  CHECK(best_tenth(data).size() == 7);
  CHECK(best_tenth(data).front() == 60);
  data.trials.resize(20);
  CHECK(best_tenth(data).size() == 5);
  data.trials.resize(3);
  CHECK(best_tenth(data).size() == 3);
}
