#include "reports/analysis/study_data.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace vernier::reports;
using vernier::store::StepRow;

TEST_CASE("rows become curves by metric; gaps are NaN; seconds add up") {
  std::vector<std::string> metrics{"acc"};
  const std::vector<StepRow> rows{{1, {{"acc", 0.5}}, {{"seconds", 2.0}}},
                                  {2, {{"loss", 0.3}, {"acc", 0.6}}, {{"seconds", 3.0}}},
                                  {4, {{"loss", 0.1}}, {{"seconds", 1.0}}}};
  const Curve curve = arrange(rows, metrics);
  CHECK(metrics == std::vector<std::string>{"acc", "loss"});
  CHECK(curve.steps == std::vector<int>{1, 2, 4});
  CHECK(curve.metrics[0][1] == 0.6);
  CHECK(std::isnan(curve.metrics[0][2]));
  CHECK(std::isnan(curve.metrics[1][0]));
  CHECK(curve.seconds == std::vector<double>{2, 5, 6});
}

TEST_CASE("a step without a time takes the time axis away") {
  std::vector<std::string> metrics;
  CHECK(
      arrange({{1, {{"a", 1}}, {{"seconds", 1.0}}}, {2, {{"a", 1}}, {}}}, metrics).seconds.empty());
}
