#include "search/strategies/pbt.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/error.h"
#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

struct Hand {
  Space space;
  std::unique_ptr<Strategy> strategy;
  std::map<int, Config> configs;
  explicit Hand(Json options, int trials = 100, std::vector<std::string> inherited = {})
      : space({range("lr", Kind::float_, 1e-4, 1, Scale::log), range("width", Kind::int_, 1, 512),
               choice("act", {text("a"), text("b")})}) {
    StrategyContext context;
    context.sampler = sampler_for("random", space, 1);
    context.trials = trials;
    context.max_steps = 12;
    context.options = std::move(options);
    context.space = &space;
    context.inherited = std::move(inherited);
    strategy = make_pbt(std::move(context));
  }
  int start() {
    const Start start = std::get<Start>(strategy->ask());
    configs[start.number] = start.config;
    CHECK_FALSE(start.clone_of);
    return start.number;
  }
  void meet(int number, int step, double value) {
    CHECK(strategy->next_decision(number) == step);
    CHECK(strategy->report(number, {step, value}) == Verdict::pause);
    strategy->tell(number, {Outcome::pending, value, step});
  }
};

}  // namespace

TEST_CASE(
    "pbt: at each meeting the worst quarter is replaced by changed copies of the best, which go on "
    "at that step, before anyone else does") {
  Hand hand({{"population", 8}, {"interval", 4}});
  for (int i = 1; i <= 8; ++i) CHECK(hand.start() == i);
  for (int i = 1; i <= 8; ++i) {
    CHECK(std::holds_alternative<Wait>(hand.strategy->ask()));
    hand.meet(i, 4, i);  // 1 is the best, 8 the worst
  }
  std::set<int> parents;
  for (int number : {9, 10}) {
    const Start copy = std::get<Start>(hand.strategy->ask());
    CHECK(copy.number == number);
    REQUIRE(copy.clone_of);
    CHECK(*copy.clone_of <= 2);
    CHECK(copy.config != hand.configs.at(*copy.clone_of));
    CHECK_NOTHROW(hand.space.check(copy.config));
    CHECK(hand.strategy->next_decision(number) == 8);  // from step 4
  }
  CHECK(std::get<Drop>(hand.strategy->ask()).number == 7);
  CHECK(std::get<Drop>(hand.strategy->ask()).number == 8);
  for (int i = 1; i <= 6; ++i) CHECK(std::get<Resume>(hand.strategy->ask()).number == i);
  CHECK(std::holds_alternative<Wait>(hand.strategy->ask()));
}

TEST_CASE("pbt: with one lane a copy that comes to the next meeting first does not end this one") {
  Hand hand({{"population", 8}, {"interval", 4}});
  for (int i = 1; i <= 8; ++i) {
    hand.start();
    hand.meet(i, 4, i);
  }
  CHECK(std::get<Start>(hand.strategy->ask()).number == 9);
  hand.meet(9, 8, 0.5);
  CHECK(std::get<Start>(hand.strategy->ask()).number == 10);
  hand.meet(10, 8, 0.6);
  CHECK(std::get<Drop>(hand.strategy->ask()).number == 7);
  CHECK(std::get<Drop>(hand.strategy->ask()).number == 8);
  for (int i = 1; i <= 6; ++i) {
    CHECK(std::get<Resume>(hand.strategy->ask()).number == i);
    hand.meet(i, 8, i);
  }
  const Start copy = std::get<Start>(hand.strategy->ask());
  CHECK((*copy.clone_of == 9 || *copy.clone_of == 10));
}

TEST_CASE("pbt: what a state was made with stays as it is in a copy") {
  for (const bool by_option : {false, true}) {
    Json options{{"population", 4}, {"interval", 1}, {"resample", 1.0}, {"quantile", 0.5}};
    if (by_option) options["keep"] = Json::array({"width", "act"});
    Hand hand(options, 100,
              by_option ? std::vector<std::string>{} : std::vector<std::string>{"width", "act"});
    for (int i = 1; i <= 4; ++i) {
      hand.start();
      hand.meet(i, 1, i);
    }
    for (int k = 0; k < 2; ++k) {
      const Start copy = std::get<Start>(hand.strategy->ask());
      const Config& parent = hand.configs.at(*copy.clone_of);
      CHECK(*copy.config.find("width") == *parent.find("width"));
      CHECK(*copy.config.find("act") == *parent.find("act"));
      CHECK(*copy.config.find("lr") != *parent.find("lr"));
    }
  }
  CHECK_THROWS_WITH_AS(Hand(Json{{"keep", Json::array({"widht"})}}), doctest::Contains("width"),
                       UsageError);
}

TEST_CASE(
    "pbt: when all trials have started nobody is replaced any more, and all come to their end") {
  const Space space = conditional_space();
  for (const int jobs : {1, 3}) {
    Simulation study({.strategy = "pbt",
                      .options = {{"population", 6}, {"interval", 2}, {"quantile", 0.34}},
                      .space = &space,
                      .trials = 12,
                      .max_steps = 10,
                      .jobs = jobs,
                      .failures = false});
    REQUIRE(study.run());
    int copies = 0, full = 0, own = 0;
    for (const Row& row : study.rows) {
      copies += row.past.clone_of.has_value();
      full += row.past.outcome == Outcome::completed;
      if (row.past.clone_of) {
        const int begin = row.past.reports.empty() ? 8 : row.past.reports.front().step - 2;
        own += row.past.steps - begin;
        CHECK(begin >= 2);
      } else {
        own += row.past.steps;
      }
    }
    CHECK(copies == 6);
    CHECK(full == 6);
    CHECK(study.steps_trained == own);  // a copy does not train its parent's steps again
  }
}
