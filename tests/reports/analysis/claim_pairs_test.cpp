// What claims make of seeds, other parameters, references and margins; every figure by hand.
#include <doctest/doctest.h>

#include "reports/analysis/claim.h"
#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

/// t(0.975, degrees), from a table.
constexpr double t1 = 12.7062047, t2 = 4.3026527, t4 = 2.7764451;

store::TrialRecord& add(StudyData& data, const std::string& opt, int seed, double lr,
                        std::optional<double> value) {
  auto& trial = test::add(data, value ? store::State::completed : store::State::diverged, value);
  trial.config = Config({{"opt", opt}, {"train.seed", std::int64_t{seed}}, {"train.lr", lr}});
  return trial;
}

StudyData study(const Json& claim, bool maximize = true) {
  StudyData data = test::study(maximize);
  for (const char* name : {"opt", "train.seed", "train.lr"})
    data.study.params.push_back({name, "", {}});
  Json whole{{"arms", "opt"}, {"better", "momentum"}, {"than", "sgd"}};
  whole.update(claim);
  data.study.spec = {{"claim", Json::array({whole})}};
  return data;
}

Claim judged(const StudyData& data) {
  const auto claims = judge_claims({data});
  REQUIRE(claims.size() == 1);
  return claims.front();
}

/// Two learning rates, three seeds. Momentum's best are 0.8, 0.9, 1.0 (at 0.1), sgd's 0.7, 0.7, 0.9 (at 0.2).
StudyData tuned(const Json& claim) {
  StudyData data = study(claim);
  const double momentum[3][2] = {{0.8, 0.1}, {0.9, 0.2}, {1.0, 0.3}};
  const double sgd[3][2] = {{0.2, 0.7}, {0.1, 0.7}, {0.3, 0.9}};
  for (int seed = 1; seed <= 3; ++seed)
    for (int k = 0; k < 2; ++k) {
      add(data, "momentum", seed, k ? 0.2 : 0.1, momentum[seed - 1][k]);
      add(data, "sgd", seed, k ? 0.2 : 0.1, sgd[seed - 1][k]);
    }
  return data;
}

}  // namespace

TEST_CASE("others: best compares each arm at its own best setting, seed by seed") {
  const Claim claim = judged(tuned({{"others", "best"}}));
  CHECK(claim.pair == "train.seed");
  REQUIRE(claim.pairs.size() == 3);
  CHECK(claim.pairs[0].label == "train.seed 1");
  CHECK(claim.pairs[0].better.value == 0.8);
  CHECK(claim.pairs[0].than.value == 0.7);
  CHECK(claim.pairs[0].better.settings == "train.lr 0.1");
  CHECK(claim.pairs[0].than.settings == "train.lr 0.2");
  CHECK(claim.pairs[2].better.trials == std::vector<ClaimTrial>{{0, 8}});
  // Differences 0.1, 0.2, 0.1: deviation sqrt(1/300).
  CHECK(claim.paired.mean == doctest::Approx(0.4 / 3));
  CHECK(*claim.paired.half_width == doctest::Approx(t2 * std::sqrt(1.0 / 300 / 3)).epsilon(1e-6));
  CHECK(claim.verdict == ClaimVerdict::undecided);
  CHECK(claim.mark() == "few seeds (3)");
  CHECK(claim.better_arm.trials.size() == 6);
  CHECK(*claim.better_arm.best == ClaimTrial{0, 8});
}

TEST_CASE("others: mean averages over the other settings, and needs all of them") {
  StudyData data = tuned({{"others", "mean"}});
  Claim claim = judged(data);
  REQUIRE(claim.pairs.size() == 3);
  CHECK(claim.pairs[1].better.value == doctest::Approx(0.55));
  CHECK(claim.pairs[1].than.value == doctest::Approx(0.4));
  CHECK(claim.pairs[1].better.trials.size() == 2);
  data.trials[1].state = store::State::failed;  // sgd, seed 1, 0.1
  claim = judged(data);
  CHECK(claim.pairs.size() == 2);
  CHECK(claim.than_arm.lost == 1);
  CHECK(claim.why.find("1 pair lost: no value of sgd (failed, diverged or not measured)") !=
        std::string::npos);
}

TEST_CASE("others: each makes a pair of every setting, and still counts seeds") {
  const Claim claim = judged(tuned(Json::object()));
  REQUIRE(claim.pairs.size() == 6);
  CHECK(claim.seeds == 3);
  CHECK(claim.few());
  CHECK(claim.pairs[3].label == "train.seed 2, train.lr 0.2");
  CHECK(claim.pairs[3].difference == doctest::Approx(0.2 - 0.7));
}

TEST_CASE("a diverged trial is the worst of its arm, and no number is invented for it") {
  StudyData data = study({{"others", "best"}});
  for (int seed = 1; seed <= 5; ++seed) {
    add(data, "momentum", seed, 0.1, 0.9 + 0.001 * seed);
    add(data, "momentum", seed, 1.0, std::nullopt);
    add(data, "sgd", seed, 0.1, 0.8);
  }
  Claim claim = judged(data);
  CHECK(claim.pairs.size() == 5);
  CHECK(claim.verdict == ClaimVerdict::supported);
  // Where all of momentum's trials of a seed diverge, its other seeds are no evidence for it.
  data.trials[0].state = store::State::diverged;
  claim = judged(data);
  CHECK(claim.pairs.size() == 4);
  CHECK(claim.better_arm.lost == 1);
  CHECK(claim.verdict == ClaimVerdict::undecided);
  CHECK(claim.why.find("which the pairs that are left cannot make good") != std::string::npos);
  // Where sgd's do as well, the pair is lost to both.
  data.trials[2].state = store::State::failed;
  claim = judged(data);
  CHECK(claim.better_arm.lost == 0);
  CHECK(claim.lost_both == 1);
  CHECK(claim.verdict == ClaimVerdict::supported);
  // What could not be trained at all, and what has not ended, is not there.
  data.trials[2].state = store::State::running;
  data.trials[5].state = store::State::infeasible;
  claim = judged(data);
  CHECK(claim.lost_both == 0);
  CHECK(claim.unpaired == 2);
  CHECK(claim.unfinished == 1);
  CHECK(claim.pairs.size() == 3);
}

TEST_CASE("a margin asks for more than better; a negative one for no worse than") {
  const auto with = [](double margin) {
    StudyData data = study({{"others", "best"}, {"margin", margin}});
    for (int seed = 1; seed <= 5; ++seed) {
      add(data, "momentum", seed, 0.1, 0.5 + 0.01 * seed);
      add(data, "sgd", seed, 0.1, 0.5);
    }
    return judged(data);
  };
  // Differences 0.01 ... 0.05: 0.03 with deviation sqrt(0.00025).
  const double half_width = t4 * std::sqrt(0.00025 / 5);
  CHECK(*with(0).paired.half_width == doctest::Approx(half_width).epsilon(1e-6));
  CHECK(with(0.01).verdict == ClaimVerdict::supported);
  CHECK(with(0.0103).verdict == ClaimVerdict::supported);
  CHECK(with(0.0104).verdict == ClaimVerdict::undecided);  // 0.03 - half_width is 0.010368
  CHECK(with(0.0496).verdict == ClaimVerdict::undecided);
  CHECK(with(0.0497).verdict == ClaimVerdict::contradicted);
  CHECK(with(-0.1).verdict == ClaimVerdict::supported);
  CHECK_FALSE(with(0.01).few());
  // Against 0.01 the differences are 0 to 0.04: two of 32 sums of signs are as far off, times two for the 0.
  CHECK(*with(0.01).paired.p == doctest::Approx(4.0 / 32));
  CHECK(with(0.01).why.find("against 0.01: more than 0.01") != std::string::npos);
  CHECK(with(0.02).why.find("the interval holds 0.02") != std::string::npos);
}

TEST_CASE("within asks for equality") {
  const auto with = [](double within, double shift) {
    StudyData data = study({{"others", "best"}, {"within", within}});
    for (int seed = 1; seed <= 5; ++seed) {
      add(data, "momentum", seed, 0.1, 0.5 + shift + 0.01 * (seed - 3));
      add(data, "sgd", seed, 0.1, 0.5);
    }
    return judged(data);
  };
  // Half width 0.019632 around the shift.
  CHECK(with(0.0197, 0).verdict == ClaimVerdict::supported);
  CHECK(with(0.0196, 0).verdict == ClaimVerdict::undecided);
  CHECK(with(0.02, 0.0396).verdict == ClaimVerdict::undecided);
  CHECK(with(0.02, 0.0397).verdict == ClaimVerdict::contradicted);
  CHECK(with(0.02, -0.0397).verdict == ClaimVerdict::contradicted);
  CHECK_FALSE(with(0.02, 0).paired.p.has_value());
  CHECK(with(0.03, 0.001).why ==
        "momentum and sgd differ by 0.001 ± 0.020 in m (95 %, 5 pairs): inside ±0.03");
}

TEST_CASE("equal differences decide from three pairs on") {
  const auto with = [](int seeds) {
    StudyData data = study({{"others", "best"}});
    for (int seed = 1; seed <= seeds; ++seed) {
      add(data, "momentum", seed, 0.1, 1.0);
      add(data, "sgd", seed, 0.1, 0.75);
    }
    return judged(data);
  };
  CHECK(with(1).verdict == ClaimVerdict::undecided);
  CHECK(with(2).verdict == ClaimVerdict::undecided);
  CHECK(with(2).why.find("both pairs differ equally") != std::string::npos);
  CHECK(with(3).verdict == ClaimVerdict::supported);
  CHECK(with(3).mark() == "few seeds (3)");
}

TEST_CASE("relative_to takes each trial from the one that agrees in all else") {
  StudyData data = study({{"others", "best"},
                          {"better", "cnn"},
                          {"than", "mlp"},
                          {"where", "shift = 4"},
                          {"relative_to", {{"data.shift", "0"}}}});
  data.study.params.push_back({"data.shift", "", {}});
  const auto measure = [&](const char* arm, int seed, int shift, std::optional<double> value) {
    add(data, arm, seed, 0.1, value).config.set("data.shift", std::int64_t{shift});
  };
  for (int seed = 1; seed <= 3; ++seed) {
    for (const int shift : {0, 2, 4}) {
      measure("cnn", seed, shift, 0.95 - 0.01 * shift - 0.001 * seed);
      measure("mlp", seed, shift, 0.98 - 0.05 * shift);
    }
  }
  Claim claim = judged(data);
  REQUIRE(claim.pairs.size() == 3);
  CHECK(claim.pairs[1].better.value == doctest::Approx(-0.04));
  CHECK(claim.pairs[1].than.value == doctest::Approx(-0.2));
  CHECK(claim.pairs[1].difference == doctest::Approx(0.16));
  CHECK(claim.better_arm.trials.size() == 3);  // the references are none of them
  for (auto& trial : data.trials)
    if (trial.config.find("data.shift")->index() == 2 &&
        as_number(*trial.config.find("data.shift")) == 0 && trial.number <= 6)
      trial.state = store::State::diverged;  // both references of seed 1
  claim = judged(data);
  CHECK(claim.pairs.size() == 2);
  CHECK(claim.lost_both == 1);
  std::erase_if(data.trials, [](const auto& trial) {
    return trial.number > 12 && as_number(*trial.config.find("data.shift")) == 0;
  });
  claim = judged(data);  // seed 3 has no reference at all
  CHECK(claim.pairs.size() == 1);
  CHECK(claim.why.find("one pair only") == 0);
}

TEST_CASE("where keeps trials by their settings, words and all") {
  StudyData data =
      tuned({{"others", "best"}, {"where", "train.lr < 0.15 and opt in (sgd, momentum)"}});
  CHECK(judged(data).pairs[0].than.value == 0.2);
  CHECK(judged(data).trials.size() == 6);
  data.study.spec["claim"][0]["where"] = "opt ~ mom";
  CHECK(judged(data).why == "no finished trial has opt sgd where opt ~ mom");
  data.study.spec["claim"][0]["where"] = "momentun = 3";
  CHECK(judged(data).why.find("unknown name 'momentun'") != std::string::npos);
  data.study.spec["claim"][0]["where"] = "opt + 1 > 2";
  CHECK(judged(data).why.find("in arithmetic") != std::string::npos);
  CHECK(judged(data).verdict == ClaimVerdict::undecided);
}

TEST_CASE("a metric may be an expression over metrics, parameters and steps") {
  StudyData data = tuned({{"others", "best"}, {"metric", "log10(train.lr)"}, {"goal", "minimize"}});
  for (auto& trial : data.trials)
    if (trial.config.find("train.lr")->index() == 3 &&
        as_number(*trial.config.find("train.lr")) == 0.2)
      trial.config.set("train.lr", 1.0);
  const Claim rates = judged(data);
  CHECK(rates.pairs[0].better.value == doctest::Approx(-1));
  CHECK(rates.pairs[0].than.value == doctest::Approx(0));
  CHECK(rates.pairs[0].difference == doctest::Approx(1));
  CHECK(rates.verdict == ClaimVerdict::supported);  // the same in all three

  data = study({{"metric", "m - train_m"}, {"goal", "maximize"}});
  data.metrics = {"m", "train_m", "loss.conv1"};
  add(data, "momentum", 1, 0.1, 0.9);
  add(data, "sgd", 1, 0.1, 0.7);
  for (std::size_t i = 0; i < 2; ++i) {
    data.trials[i].best_step = 2;
    data.curves[i] = {
        {1, 2, 3},
        {{0.1, 0.9, 0.8}, {0.2, i == 0 ? 0.95 : 0.9, 1.0}, {3, 2, i == 0 ? 1.0 : 4.0}},
        {}};
  }
  CHECK(judged(data).pairs[0].better.value == doctest::Approx(-0.05));
  CHECK(judged(data).pairs[0].than.value == doctest::Approx(-0.2));
  auto& spec = data.study.spec["claim"][0];
  spec["metric"] = "loss.conv1";
  CHECK(judged(data).pairs[0].better.value == 2);
  spec["metric"] = "last(loss.conv1) - loss.conv1";
  CHECK(judged(data).pairs[0].than.value == 2);
  spec["metric"] = "best(loss.conv1)";
  CHECK(judged(data).pairs[0].than.value == 2);
  CHECK(judged(data).pairs[0].better.value == 1);
  data.curves[0].timings = {{"seconds", 1}, {"examples_per_second", 1000}};
  data.curves[1].timings = {{"seconds", 1}, {"examples_per_second", 100}};
  spec["metric"] = "log10(last(examples_per_second))";
  CHECK(judged(data).pairs[0].difference == doctest::Approx(1));
  spec["metric"] = "examples_per_second";
  CHECK(judged(data).pairs[0].than.value == 100);
  spec["metric"] = "steps * best_step";
  data.trials[0].steps = 3;
  CHECK(judged(data).pairs[0].better.value == 6);
  data.facts[1] = {{"parameters", 340}};
  data.facts[2] = {{"parameters", 640}};
  spec["metric"] = "parameters";
  CHECK(judged(data).pairs[0].than.value == 640);
  spec["metric"] = "m / (train_m - 0.9)";  // divides by 0 for sgd
  CHECK(judged(data).than_arm.lost == 1);
  for (const char* garbled : {"loss.conv2", "m +", "m + 'x'", "lgo(m)", "last(train.lr)"}) {
    spec["metric"] = garbled;
    CHECK(judged(data).verdict == ClaimVerdict::undecided);
    CHECK(judged(data).pairs.empty());
    CHECK(judged(data).why.size() > 10);
  }
}

TEST_CASE("several claims keep their order; old ones without defaults are judged as before") {
  StudyData data = tuned(Json::object());
  data.study.spec["claim"].push_back(
      {{"arms", "opt"}, {"better", "sgd"}, {"than", "momentum"}, {"others", "best"}});
  data.study.spec["claim"].push_back("garbled");
  const auto claims = judge_claims({data});
  REQUIRE(claims.size() == 2);
  CHECK(claims[0].pairs.size() == 6);
  CHECK(claims[1].paired.mean == doctest::Approx(-0.4 / 3));
  CHECK(claims[1].pairs[0].difference == doctest::Approx(-0.1));
  // Two pairs: t with one degree.
  data.study.spec["claim"] = Json{{"arms", "opt"}, {"better", "momentum"}, {"than", "sgd"}};
  data.study.params.clear();
  data.trials.resize(4);
  const Claim old = judged(data);
  CHECK(old.pair.empty());
  CHECK(*old.paired.half_width == doctest::Approx(t1 * 1.2 / 2).epsilon(1e-6));
  CHECK(old.mark() == "few pairs (2)");
}
