#include "reports/analysis/claim.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier;
using namespace vernier::reports;

namespace {

/// relu gains `gains[i]` over tanh at width i.
StudyData relu_against_tanh(const std::vector<double>& gains, bool maximize = true) {
  auto data = test::study(maximize);
  data.study.spec = {
      {"claim",
       {{"text", "relu beats tanh"}, {"arms", "act"}, {"better", "relu"}, {"than", "tanh"}}}};
  for (std::size_t i = 0; i < gains.size(); ++i) {
    for (const char* act : {"tanh", "relu"}) {
      const double gain = std::string(act) == "relu" ? gains[i] : 0;
      auto& trial = test::add(data, 1 + (maximize ? gain : -gain));
      trial.config.set("act", std::string(act));
      trial.config.set("width", static_cast<std::int64_t>(i));
    }
  }
  return data;
}

/// The only claim of a study.
Claim judge_claim(const StudyData& data) {
  const auto claims = judge_claims({data});
  REQUIRE(claims.size() == 1);
  return claims.front();
}

}  // namespace

TEST_CASE("a claim is supported, contradicted or undecided by the paired interval") {
  const auto supported = judge_claim(relu_against_tanh({0.10, 0.11, 0.09, 0.105, 0.095}));
  CHECK(supported.verdict == ClaimVerdict::supported);
  CHECK(supported.paired.n == 5);
  CHECK(supported.paired.mean == doctest::Approx(0.1));
  CHECK(*supported.paired.half_width == doctest::Approx(0.00981622).epsilon(1e-4));
  CHECK(supported.why ==
        "relu is better by 0.100 ± 0.010 in m (95 %, 5 pairs), sign-flip p = 0.0625");
  CHECK(judge_claim(relu_against_tanh({-0.10, -0.11, -0.09})).verdict ==
        ClaimVerdict::contradicted);
  CHECK(judge_claim(relu_against_tanh({0.10, -0.11, 0.09})).verdict == ClaimVerdict::undecided);
  CHECK(judge_claim(relu_against_tanh({0.1})).verdict == ClaimVerdict::undecided);
  CHECK(judge_claim(relu_against_tanh({0.10, 0.11, 0.09}, false)).verdict ==
        ClaimVerdict::supported);
}

TEST_CASE("repeats pair by their seed, a failed trial leaves its pair out") {
  auto data = relu_against_tanh({0.10, 0.12});
  data.trials[3].state = store::State::failed;
  data.trials[3].value.reset();
  for (int i = 0; i < 2; ++i) {
    auto repeat = data.trials[static_cast<std::size_t>(i)];
    repeat.kind = "repeat";
    repeat.seed = 77;
    repeat.value = i == 0 ? 1 : 1.2;
    data.repeats.push_back(repeat);
  }
  const auto claim = judge_claim(data);
  CHECK(claim.paired.n == 2);
  CHECK(claim.paired.mean == doctest::Approx(0.15));
}

TEST_CASE("another metric is taken at the best step, its direction from its name") {
  auto data = relu_against_tanh({0, 0, 0});
  data.study.spec["claim"]["metric"] = "val_loss";
  data.metrics.push_back("val_loss");
  for (std::size_t i = 0; i < data.trials.size(); ++i) {
    data.trials[i].best_step = 2;
    const double at_best =
        i % 2 ? 0.1 * static_cast<double>(i) : 1.0 + 0.11 * static_cast<double>(i);
    data.curves[i] = {{1, 2, 3}, {{0, 0, 0}, {9, at_best, 9}}, {}};
  }
  const auto claim = judge_claim(data);
  CHECK_FALSE(claim.maximize);
  CHECK(claim.paired.n == 3);
  CHECK(claim.paired.mean > 0);  // relu's loss is the smaller
}

TEST_CASE("no claim, a garbled one, and one that no pair can judge") {
  CHECK(judge_claims({test::study()}).empty());
  auto data = relu_against_tanh({0.1});
  data.study.spec["claim"].erase("than");
  CHECK(judge_claims({data}).empty());
  data.study.spec["claim"] = "relu";
  CHECK(judge_claims({data}).empty());
  auto apart = relu_against_tanh({0.1});
  apart.study.spec["claim"]["than"] = "gelu";
  CHECK(judge_claim(apart).paired.n == 0);
  CHECK(judge_claim(apart).verdict == ClaimVerdict::undecided);
}
