#include "reports/analysis/arms.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

StudyData searched(const std::string& sampler, std::uint64_t seed, double best,
                   bool maximize = true) {
  auto data = test::study(maximize);
  data.study.name = sampler + "-" + std::to_string(seed);
  data.study.sampler = sampler;
  data.study.strategy = "full";
  data.study.seed = seed;
  data.study.spec = {{"study", data.study.name},
                     {"seed", seed},
                     {"note", data.study.name},
                     {"sampler", {{"type", sampler}}},
                     {"train", {{"epochs", 5}}}};
  test::add(data, maximize ? best - 1 : best + 1);
  test::add(data, best);
  return data;
}

}  // namespace

TEST_CASE("studies that differ in their sampler are arms; seeds pair them") {
  const std::vector<StudyData> studies{searched("random", 1, 0.90), searched("gp", 1, 0.95),
                                       searched("random", 2, 0.92), searched("gp", 2, 0.96),
                                       searched("gp", 3, 0.97),     searched("random", 3, 0.93)};
  const auto result = compare(studies);
  REQUIRE(result);
  CHECK(result->differs == std::vector<std::string>{"sampler"});
  REQUIRE(result->arms.size() == 2);
  CHECK(result->arms[0].label == "gp");
  CHECK(result->arms[0].value.size() == 3);
  CHECK(result->arms[0].interval->mean == doctest::Approx(0.96));
  REQUIRE(result->pairs.size() == 1);
  // Differences 0.05 0.04 0.04: mean 0.13 / 3, deviation 0.01 / sqrt 3.
  CHECK(result->pairs[0].paired.n == 3);
  CHECK(result->pairs[0].paired.mean == doctest::Approx(0.13 / 3));
  CHECK(*result->pairs[0].paired.half_width == doctest::Approx(4.302653 * 0.01 / 3).epsilon(1e-5));
  CHECK(result->pairs[0].paired.verdict() == Verdict::better);
}

TEST_CASE("options of a sampler are named only where its name does not tell the arms apart") {
  auto coarse = searched("grid", 1, 0.7), fine = searched("grid", 1, 0.8);
  coarse.study.spec["sampler"]["points"] = 3;
  fine.study.spec["sampler"]["points"] = 5;
  const auto result = compare({coarse, searched("gp", 1, 0.9)});
  REQUIRE(result);
  CHECK(result->differs == std::vector<std::string>{"sampler"});
  CHECK(result->arms[1].label == "grid");
  CHECK(compare({coarse, fine})->differs == std::vector<std::string>{"sampler.points"});
  const auto three = compare({coarse, fine, searched("gp", 1, 0.9)});
  CHECK(three->differs == std::vector<std::string>{"sampler", "sampler.points"});
}

TEST_CASE("where smaller is better the smaller mean comes first and its differences are positive") {
  const auto result = compare({searched("a", 1, 0.5, false), searched("b", 1, 0.4, false),
                               searched("b", 2, 0.45, false), searched("a", 2, 0.52, false)});
  REQUIRE(result);
  CHECK(result->arms[0].label == "b");
  CHECK(result->pairs[0].paired.mean == doctest::Approx(0.085));
}

TEST_CASE("no common seed: no pair, no verdict") {
  const auto result = compare({searched("a", 1, 0.5), searched("b", 2, 0.4)});
  REQUIRE(result);
  CHECK(result->pairs[0].paired.n == 0);
  CHECK(result->pairs[0].paired.verdict() == Verdict::undecided);
  CHECK_FALSE(result->arms[0].interval.has_value());
}

TEST_CASE(
    "another objective stands apart, one study is no comparison, several differences are named by "
    "study") {
  auto other = searched("a", 3, 0.5);
  other.objective = "loss";
  CHECK_FALSE(compare({searched("a", 1, 0.5), other}).has_value());
  CHECK_FALSE(compare({}).has_value());
  auto deep = searched("b", 1, 0.5);
  deep.study.spec["train"]["epochs"] = 9;
  const auto result = compare({searched("a", 1, 0.4), deep, other});
  REQUIRE(result);
  CHECK(result->apart == std::vector<std::string>{"a-3"});
  CHECK(result->differs == std::vector<std::string>{"sampler", "train.epochs"});
  CHECK(result->arms[0].label == "b-1");
}

TEST_CASE("studies of other data or of another program stand apart") {
  const auto with = [](const char* name, const Json& section) {
    auto data = searched(name, 1, 0.5);
    data.study.spec.update(section);
    return data;
  };
  const Json digits{{"data", {{"set", "digits"}, {"train", 100}}}};
  const Json more{{"data", {{"set", "digits"}, {"train", 200}}}};
  const Json street{{"data", {{"set", "digits"}, {"style", "street"}}}};
  const Json moons{{"data", {{"set", "moons"}}}};
  const Json program{{"objective", {{"command", {"sh", "train.sh"}}}}};
  const auto result = compare({with("a", digits), with("b", more), with("c", street),
                               with("d", moons), with("e", program)});
  REQUIRE(result);
  CHECK(result->arms.size() == 2);
  CHECK(result->apart == std::vector<std::string>{"c-1", "d-1", "e-1"});
}

TEST_CASE(
    "arms that differ in more than can be read are named by what their studies' names share") {
  const auto with = [](const std::string& name, std::uint64_t seed, int settings) {
    auto data = searched("gp", seed, 0.5 + 0.01 * settings);
    data.study.name = name;
    for (int i = 0; i < settings; ++i) data.study.spec["train"]["setting" + std::to_string(i)] = i;
    return data;
  };
  const std::vector<StudyData> studies{with("wide-1", 1, 9), with("wide-10", 10, 9),
                                       with("deep.1", 1, 2), with("deep.2", 2, 2)};
  auto result = compare(studies);
  REQUIRE(result);
  CHECK(result->arms[0].label == "wide");
  CHECK(result->arms[1].label == "deep");
  // Names that share nothing, or the same: the settings stay.
  result = compare({with("7", 1, 9), with("8", 2, 9), with("deep.1", 1, 2), with("deep.2", 2, 2)});
  REQUIRE(result);
  CHECK(result->arms[0].label.find("train.setting8=8") != std::string::npos);
  result = compare({with("s1", 1, 9), with("s2", 2, 9), with("s3", 1, 2), with("s4", 2, 2)});
  REQUIRE(result);
  CHECK(result->arms[1].label.find("train.setting8=none") != std::string::npos);
}

TEST_CASE(
    "the same treatment and seed twice count once, a study without values counts as no value") {
  auto empty = searched("c", 1, 0.5);
  empty.trials.clear();
  empty.curves.clear();
  const auto result = compare({searched("a", 1, 0.4), searched("a", 1, 0.6), empty});
  REQUIRE(result);
  CHECK(result->arms[0].value.at(1) == doctest::Approx(0.5));
  CHECK(result->arms[1].value.empty());
  CHECK(result->pairs[0].paired.n == 0);
}
