// Claims whose arms are samplers, strategies, studies or devices.
#include <doctest/doctest.h>

#include "reports/analysis/claim.h"
#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

StudyData search(const std::string& sampler, std::uint64_t seed,
                 const std::vector<double>& values) {
  StudyData data = test::study();
  data.study.name = sampler + "-" + std::to_string(seed);
  data.study.sampler = sampler;
  data.study.strategy = "full";
  data.study.seed = seed;
  data.study.spec = {{"data", {{"set", "digits"}}}};
  for (const double value : values) {
    auto& trial = test::add(data, value);
    trial.config.set("train.lr", 0.1 * trial.number);
    trial.device = "cpu0";
  }
  return data;
}

void claim(StudyData& data, const std::string& arms, const std::string& better,
           const std::string& than, const Json& more = Json::object()) {
  Json json{{"arms", arms}, {"better", better}, {"than", than}};
  json.update(more);
  data.study.spec["claim"].push_back(json);
}

/// gp's best: 0.91, 0.93, 0.95; random's: 0.90, 0.90, 0.93.
std::vector<StudyData> searches() {
  return {search("gp", 1, {0.5, 0.91}),     search("gp", 2, {0.93, 0.1}),
          search("gp", 3, {0.95}),          search("random", 1, {0.9, 0.3, 0.2}),
          search("random", 2, {0.2, 0.90}), search("random", 3, {0.93, 0.92})};
}

Claim only(const std::vector<StudyData>& studies) {
  const auto claims = judge_claims(studies);
  REQUIRE(claims.size() == 1);
  return claims.front();
}

}  // namespace

TEST_CASE("samplers are compared by the best of each study, seed by seed") {
  auto studies = searches();
  claim(studies[4], "sampler", "gp", "random");
  Claim found = only(studies);
  CHECK(found.over_studies);
  CHECK(found.study == 4);
  CHECK(found.studies.size() == 6);
  REQUIRE(found.pairs.size() == 3);
  CHECK(found.pairs[0].label == "seed 1");
  CHECK(found.pairs[0].better.trials == std::vector<ClaimTrial>{{0, 1}});
  CHECK(found.pairs[0].difference == doctest::Approx(0.01));
  CHECK(found.pairs[1].difference == doctest::Approx(0.03));
  CHECK(found.pairs[2].difference == doctest::Approx(0.02));
  CHECK(found.mark() == "few seeds (3)");

  // Made in several studies it is one claim, unless it says something else there.
  claim(studies[0], "sampler", "gp", "random");
  CHECK(only(studies).study == 0);
  claim(studies[1], "sampler", "gp", "random", {{"margin", 0.1}});
  CHECK(judge_claims(studies).size() == 2);
}

TEST_CASE("a study whose trials all failed loses its pair, one that is not there makes none") {
  auto studies = searches();
  claim(studies[0], "sampler", "gp", "random");
  studies[2].trials[0].state = store::State::diverged;
  CHECK(only(studies).better_arm.lost == 1);
  CHECK(only(studies).pairs.size() == 2);
  studies.pop_back();
  CHECK(only(studies).better_arm.lost == 0);
  CHECK(only(studies).unpaired == 1);
  studies.resize(3);
  CHECK(only(studies).why.find("no study of sampler random with the same data") == 0);
  CHECK(only(studies).verdict == ClaimVerdict::undecided);
}

TEST_CASE("what is trained on other data is another question") {
  auto studies = searches();
  claim(studies[0], "sampler", "gp", "random");
  auto other = searches();
  for (auto& data : other) {
    data.study.spec["data"]["set"] = "mnist";
    data.study.name += "-mnist";
    for (auto& trial : data.trials) trial.value = *trial.value / 2;
    studies.push_back(data);
  }
  CHECK(only(studies).pairs.size() == 3);
  CHECK(only(studies).studies.size() == 6);
  claim(studies[6], "sampler", "gp", "random");  // asked of both: pairs of their own
  const Claim both = only(studies);
  REQUIRE(both.pairs.size() == 6);
  CHECK(both.seeds == 3);
  CHECK(both.pairs[0].label == "seed 1, as in gp-1");
  CHECK(both.pairs[1].label == "seed 1, as in gp-1-mnist");
  CHECK(both.pairs[1].difference == doctest::Approx(0.005));
  studies[7].objective = "loss";  // gp-2-mnist asks for something else
  CHECK(only(studies).pairs.size() == 5);
  CHECK(only(studies).unpaired == 1);
}

TEST_CASE("two studies of an arm and seed count by their mean") {
  auto studies = searches();
  claim(studies[0], "sampler", "gp", "random");
  studies.push_back(search("gp", 1, {0.95}));
  CHECK(only(studies).pairs[0].better.value == doctest::Approx(0.93));
  CHECK(only(studies).pairs[0].better.trials.size() == 2);
}

TEST_CASE("two studies by name, paired by a parameter of their trials") {
  std::vector<StudyData> studies{search("plain", 0, {0.5, 0.6, 0.7}),
                                 search("residual", 0, {0.6, 0.8, 0.8})};
  for (auto& data : studies) {
    data.study.params.push_back({"train.seed", "int", {}});
    data.study.spec["model"] = data.study.name;  // differs, as it may
    for (auto& trial : data.trials)
      trial.config = Config({{"train.seed", std::int64_t{trial.number}}});
  }
  claim(studies[1], "study", "residual-0", "plain-0");
  const Claim found = only(studies);
  CHECK(found.pair == "train.seed");
  REQUIRE(found.pairs.size() == 3);
  CHECK(found.pairs[1].difference == doctest::Approx(0.2));
  CHECK(judge_claims({studies[1]}).front().why.find("no trial of a study 'plain-0'") == 0);
}

TEST_CASE("devices are compared trial by trial, and without a GPU nothing is decided") {
  std::vector<StudyData> studies{search("grid", 1, {0.5, 0.6, 0.7})};
  claim(studies[0], "device", "gpu", "cpu", {{"metric", "1 / seconds"}, {"goal", "maximize"}});
  for (auto& trial : studies[0].trials) trial.seconds = trial.number;
  CHECK(only(studies).why == "no trial ran on gpu");
  CHECK(only(studies).verdict == ClaimVerdict::undecided);
  CHECK(only(studies).mark().empty());
  studies.push_back(studies[0]);
  studies[1].study.name = "grid-gpu";
  studies[1].study.spec.erase("claim");
  for (auto& trial : studies[1].trials) {
    trial.device = "gpu0";
    trial.seconds = trial.number / 10.0;
  }
  const Claim found = only(studies);
  CHECK(found.others == Others::each);
  REQUIRE(found.pairs.size() == 3);
  CHECK(found.pairs[2].better.value == doctest::Approx(10.0 / 3));
  CHECK(found.pairs[2].than.value == doctest::Approx(1.0 / 3));
  CHECK(found.pairs[2].better.trials == std::vector<ClaimTrial>{{1, 2}});
  studies[1].study.spec["data"]["set"] = "mnist";
  CHECK(only(studies).why == "no trial ran on gpu");
}

TEST_CASE("a parameter called like an arm over studies is a parameter") {
  StudyData data = test::study();
  data.study.params.push_back({"device", "categorical", {}});
  claim(data, "device", "a", "b");
  for (int seed = 0; seed < 3; ++seed)
    for (const char* name : {"a", "b"}) {
      auto& trial = test::add(data, seed + (*name == 'a' ? 0.1 * seed : 0.0));
      trial.config = Config({{"device", std::string(name)}, {"k", std::int64_t{seed}}});
    }
  const Claim found = only({data});
  CHECK_FALSE(found.over_studies);
  CHECK(found.pairs.size() == 3);
}
