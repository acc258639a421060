#include "reports/analysis/pareto.h"

#include <doctest/doctest.h>

#include <random>

#include "tests/reports/study.h"

using namespace vernier::reports;

TEST_CASE("the front holds what no other point beats in everything") {
  const std::vector<std::vector<double>> points{{1, 5}, {2, 3},   {2, 4}, {3, 3},
                                                {4, 1}, {NAN, 0}, {2, 3}};
  CHECK(pareto_front(points) == std::vector<bool>{true, true, false, false, true, false, true});
  CHECK(pareto_front({{1, 1, 1}, {1, 1, 2}, {0, 2, 3}}) == std::vector<bool>{true, false, true});
  CHECK(pareto_front({}).empty());
}

TEST_CASE("two costs by sorting agree with comparing every pair") {
  std::mt19937 random(3);
  std::uniform_int_distribution<int> whole(0, 20);
  std::vector<std::vector<double>> two, three;
  for (int i = 0; i < 300; ++i) {
    const double a = whole(random), b = whole(random);
    two.push_back({a, b});
    three.push_back({a, b, 0});
  }
  CHECK(pareto_front(two) == pareto_front(three));
}

TEST_CASE("several objectives, and what a trial cost") {
  auto data = test::study();
  data.study.objectives = {{"m", true}, {"latency", false}};
  test::add(data, 0.9).seconds = 3;
  test::add(data, 0.8).seconds = 3;
  test::add(data, vernier::store::State::failed, std::nullopt).seconds = 9;
  data.objectives = {{1, {0.9, 20}}, {2, {0.8, 10}}};
  data.facts = {{1, {{"parameters", 1000}, {"flops", 5}}},
                {2, {{"parameters", 500}, {"flops", 5}}}};
  const auto axes = tradeoffs(data);
  REQUIRE(axes.size() == 3);  // flops and seconds do not vary among ranked trials
  CHECK(axes[0].name == "m");
  CHECK(axes[1].name == "latency");
  CHECK(axes[1].objective);
  CHECK_FALSE(axes[1].maximize);
  CHECK(axes[1].value[1] == 10);
  CHECK(std::isnan(axes[1].value[2]));
  CHECK(axes[2].name == "parameters");
  CHECK_FALSE(axes[2].objective);
}
