#include "reports/analysis/ranges.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

StudyData with_params() {
  auto data = test::study();
  data.study.params = {
      {"lr", "float", {{"low", 1e-4}, {"high", 1.0}, {"scale", "log"}}},
      {"act", "categorical", {{"choices", {"relu", "tanh"}}}},
      {"batch", "ordinal", {{"choices", {32, 64, 128}}}},
      {"n", "int", "garbled"},
  };
  return data;
}

void put(StudyData& data, double value, double lr, const std::string& act, int n) {
  auto& trial = test::add(data, value);
  trial.config.set("lr", lr);
  trial.config.set("act", act);
  trial.config.set("n", std::int64_t{n});
}

}  // namespace

TEST_CASE("ranges come from the record, else from the values seen") {
  auto data = with_params();
  put(data, 1, 0.01, "relu", 3);
  put(data, 2, 0.1, "tanh", 7);
  const auto ranges = param_ranges(data);
  CHECK(ranges[0].numeric);
  CHECK(ranges[0].log);
  CHECK(ranges[0].low == 1e-4);
  CHECK_FALSE(ranges[1].numeric);
  CHECK(ranges[1].choices.size() == 2);
  CHECK(ranges[2].numeric);
  CHECK(ranges[2].log);
  CHECK(ranges[2].high == 128);
  CHECK(ranges[3].low == 3);
  CHECK(ranges[3].high == 7);
}

TEST_CASE("the best region of each parameter and the share of the range it covers") {
  auto data = with_params();
  for (int i = 0; i < 40; ++i) put(data, i, 1e-4, "tanh", 1);
  for (int i = 0; i < 5; ++i) put(data, 100 + i, i % 2 ? 0.01 : 0.1, "relu", 1);
  const auto regions = best_regions(data, param_ranges(data));
  CHECK(regions[0].trials == 5);
  CHECK(regions[0].low == 0.01);
  CHECK(regions[0].high == 0.1);
  CHECK(regions[0].covered == doctest::Approx(0.25));  // one of four decades
  CHECK(regions[1].choices == std::vector<Value>{std::string("relu")});
  CHECK(regions[1].covered == 0.5);
  CHECK(regions.size() == 3);  // no trial names batch
}

TEST_CASE("bins: equal cells on the scale, one per value where there are few, -1 where inactive") {
  auto data = with_params();
  for (const double lr : {1e-4, 1e-3, 2e-3, 0.99, 1.0}) put(data, 1, lr, "relu", 2);
  test::add(data, 1);
  const auto ranges = param_ranges(data);
  const Bins lr = bins(data, ranges[0], 4);
  REQUIRE(lr.edges.size() == 5);
  CHECK(lr.edges[1] == doctest::Approx(1e-3));
  CHECK(lr.cell == std::vector<int>{0, 1, 1, 3, 3, -1});
  const Bins act = bins(data, ranges[1]);
  CHECK(act.edges.empty());
  CHECK(act.cell == std::vector<int>{0, 0, 0, 0, 0, -1});
}
