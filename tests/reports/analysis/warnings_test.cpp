#include "reports/analysis/warnings.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;
using store::State;

namespace {

std::vector<std::string> kinds(const StudyData& data) {
  std::vector<std::string> names;
  for (const auto& warning : warnings(data, param_ranges(data), certainty(data))) {
    names.push_back(warning.kind + (warning.param.empty() ? "" : " " + warning.param));
  }
  return names;
}

StudyData searched(double best_lr, int trials) {
  auto data = test::study();
  data.study.params = {{"lr", "float", {{"low", 1e-4}, {"high", 1.0}, {"scale", "log"}}}};
  for (int i = 0; i < trials; ++i)
    test::add(data, i).config.set("lr", i + 1 == trials ? best_lr : 0.01);
  return data;
}

}  // namespace

TEST_CASE("the best at the edge of a range is named, on the parameter's scale") {
  CHECK(kinds(searched(0.01, 12)).empty());
  CHECK(kinds(searched(1.1e-4, 12)) == std::vector<std::string>{"edge lr"});
  CHECK(kinds(searched(0.9, 12)) == std::vector<std::string>{"edge lr"});
  CHECK(kinds(searched(0.5, 12))
            .empty());  // linear it would be the middle; in log 7.5 % from the end
}

TEST_CASE("failures count above a tenth") {
  auto data = searched(0.01, 18);
  test::add(data, State::failed, std::nullopt);
  test::add(data, State::diverged, std::nullopt);
  CHECK(kinds(data).empty());  // 2 of 20
  test::add(data, State::failed, std::nullopt);
  REQUIRE(kinds(data) == std::vector<std::string>{"failures"});
  const auto said = warnings(data, param_ranges(data), certainty(data)).front().text;
  CHECK(said == "3 of 21 finished trials have no value (1 diverged, 2 failed).");
}

TEST_CASE("too few trials, and unfinished ones") {
  CHECK(kinds(searched(0.01, 9)) == std::vector<std::string>{"few_trials"});
  auto data = searched(0.01, 12);
  test::add(data, State::running, std::nullopt);
  CHECK(kinds(data) == std::vector<std::string>{"running"});
  CHECK(kinds(test::study()).empty());
}

TEST_CASE("a noisy validation set that chose among many is optimistic") {
  auto data = searched(0.01, 25);
  data.curves.back() = {{1, 2, 3, 4, 5, 6}, {{0, 1, 0, 1, 0, 1}}, {}};
  CHECK(kinds(data) == std::vector<std::string>{"optimism"});
}
