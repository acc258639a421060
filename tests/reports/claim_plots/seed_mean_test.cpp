#include "reports/claim_plots/seed_mean.h"

#include <doctest/doctest.h>

#include "tests/reports/claim_plots/claim_study.h"

using namespace vernier;
using namespace vernier::reports;
using doctest::Approx;

namespace {

std::optional<SeedMean> value_over_seeds(const test::Judged& judged) {
  return over_seeds(judged.claim, judged.studies, judged.claim.better_arm.trials,
                    [&](const ClaimTrial& t) { return judged.studies[0].trials[t.row].value; });
}

std::vector<std::size_t> rows(const std::vector<ClaimTrial>& trials) {
  std::vector<std::size_t> list;
  for (const auto& trial : trials) list.push_back(trial.row);
  return list;
}

}  // namespace

TEST_CASE("a mean over seeds has Student's interval, from two seeds on") {
  CHECK_FALSE(seed_mean({}).has_value());
  CHECK_FALSE(seed_mean({4})->half_width.has_value());
  const auto three = seed_mean({1, 2, 3});
  CHECK(three->mean == 2);
  CHECK(three->n == 3);
  CHECK(*three->half_width == Approx(4.302652730 / std::sqrt(3)));
}

TEST_CASE("within a seed the best or the mean counts, as the claim says") {
  // momentum: seed 1 has 2 and 1, seed 2 has 3 and 1, seed 3 has 4 and 10.
  const test::Judged best(test::claim_study_of_twelve({{"others", "best"}}));
  CHECK(value_over_seeds(best)->mean == Approx((2 + 3 + 10) / 3.0));
  CHECK(value_over_seeds(best)->n == 3);
  for (const char* others : {"mean", "each"}) {
    const test::Judged judged(test::claim_study_of_twelve({{"others", others}}));
    CHECK(value_over_seeds(judged)->mean == Approx((1.5 + 2 + 7) / 3));
    CHECK(value_over_seeds(judged)->n == 3);
  }
}

TEST_CASE("numbers are in order, on a log axis where the parameter or their range says so") {
  const test::Judged judged(test::claim_study_of_twelve({}));
  const auto& trials = judged.claim.trials;
  const auto lr = setting_axis(judged.studies, trials, "lr", 8);
  CHECK(lr.numeric);
  CHECK(lr.log);
  CHECK(lr.at == std::vector<double>{0.1, 1});
  CHECK(lr.labels == std::vector<std::string>{"0.1", "1"});
  CHECK(lr.cell == std::vector<int>{0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1});
  const auto seed = setting_axis(judged.studies, trials, "train.seed", 8);
  CHECK_FALSE(seed.log);
  CHECK(seed.at == std::vector<double>{1, 2, 3});
}

TEST_CASE(
    "more numbers than cells fall into cells of equal width; from 30 times on in logarithms") {
  auto data = test::claim_study({});
  for (int i = 0; i < 5; ++i) test::add_run(data, i % 2 ? "sgd" : "momentum", 1 + i, 1, 1);
  const test::Judged near(data);
  const auto axis = setting_axis(near.studies, near.claim.trials, "lr", 2);
  CHECK(axis.log);  // the parameter's scale
  CHECK(axis.at[0] == Approx(std::exp(0.25 * std::log(5))));
  CHECK(axis.cell == std::vector<int>{0, 0, 1, 1, 1});
  data.study.params[1].definition = {{"low", 0}, {"high", 9}};
  const test::Judged linear(data);
  const auto even = setting_axis(linear.studies, linear.claim.trials, "lr", 2);
  CHECK_FALSE(even.log);
  CHECK(even.at == std::vector<double>{2, 4});
  CHECK(even.cell == std::vector<int>{0, 0, 1, 1, 1});
  test::add_run(data, "sgd", 31, 1, 1);
  const test::Judged far(data);
  CHECK(setting_axis(far.studies, far.claim.trials, "lr", 8).log);
}

TEST_CASE("choices keep the order of the study; what a trial lacks has no cell") {
  auto data = test::claim_study_of_twelve({});
  data.trials[0].config.set("act", std::string("relu"));
  const test::Judged judged(data);
  const auto opt = setting_axis(judged.studies, judged.claim.trials, "opt", 8);
  CHECK_FALSE(opt.numeric);
  CHECK(opt.labels == std::vector<std::string>{"sgd", "momentum"});  // adam is not used
  CHECK(opt.at == std::vector<double>{0, 1});
  CHECK(opt.cell[0] == 0);
  CHECK(opt.cell[1] == 1);
  const auto act = setting_axis(judged.studies, judged.claim.trials, "act", 8);
  CHECK(act.labels == std::vector<std::string>{"relu"});
  CHECK(act.cell[1] == -1);
  CHECK(setting_axis(judged.studies, judged.claim.trials, "nowhere", 8).at.empty());
}

TEST_CASE("where holds for a plot but for its conditions on what is drawn") {
  auto data = test::claim_study_of_twelve({{"where", "lr = 0.1 and train.seed <= 2"}});
  const test::Judged judged(data);
  CHECK(rows(judged.claim.trials) == std::vector<std::size_t>{0, 1, 4, 5});
  CHECK(rows(drawn_trials(judged.claim, judged.studies, {"opt"})) == rows(judged.claim.trials));
  CHECK(rows(drawn_trials(judged.claim, judged.studies, {"lr"})) ==
        std::vector<std::size_t>{0, 1, 2, 3, 4, 5, 6, 7});
  CHECK(drawn_trials(judged.claim, judged.studies, {"lr", "train.seed"}).size() == 12);
  // An `or` cannot be taken apart.
  data.study.spec["claim"]["where"] = "lr = 0.1 or train.seed = 1";
  const test::Judged either(data);
  CHECK(either.claim.trials.size() == 8);
  CHECK(drawn_trials(either.claim, either.studies, {"lr"}).size() == 12);
}

TEST_CASE("drawn numbers have five digits") {
  CHECK(drawn_number(0.123456789) == 0.12346);
  CHECK(drawn_number(-1234567) == -1234600);
  CHECK(std::isnan(drawn_number(NAN)));
}
