#include "search/strategies/asha.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

/// A strategy whose trial k gets value `values[k - 1]` at every step, told in the order wanted.
struct Hand {
  Space space = float_space();
  std::unique_ptr<Strategy> strategy;
  explicit Hand(int trials, Json options = {{"min_steps", 1}, {"eta", 3}}, int max_steps = 9) {
    StrategyContext context;
    context.sampler = sampler_for("random", space, 1);
    context.trials = trials;
    context.max_steps = max_steps;
    context.options = options;
    strategy = make_strategy("asha", std::move(context));
  }
  int start() { return std::get<Start>(strategy->ask()).number; }
  Verdict report(int number, int step, double value) {
    const Verdict verdict = strategy->report(number, {step, value});
    if (verdict == Verdict::pause) strategy->tell(number, {Outcome::pending, value, step});
    return verdict;
  }
};

}  // namespace

TEST_CASE("asha: rungs are min_steps * eta^k, decided at each but the last") {
  Hand hand(3, {{"min_steps", 2}, {"eta", 3}}, 20);
  const int a = hand.start();
  CHECK(hand.strategy->next_decision(a) == 2);
  hand.report(a, 2, 1);
  CHECK(hand.strategy->next_decision(a) == 6);
  CHECK(hand.strategy->budget_of(a) == 20);
  CHECK_THROWS_AS(Hand(3, {{"min_steps", 9}}, 9), UsageError);
  CHECK_THROWS_AS(Hand(3, {{"eta", 1}}, 9), UsageError);
  CHECK_THROWS_AS(Hand(3, {{"max_steps", 10}}, 9), UsageError);
  CHECK(Hand(3, {{"max_steps", 27}}, 1).start() ==
        1);  // the length of a command's trials is the option's
}

TEST_CASE("asha: one of three goes on; the best that waits is resumed before anything new starts") {
  Hand hand(20);
  const int a = hand.start(), b = hand.start(), c = hand.start();
  CHECK(hand.report(a, 1, 0.1) == Verdict::pause);
  CHECK(hand.report(b, 1, 0.2) == Verdict::pause);
  CHECK(hand.report(c, 1, 0.3) == Verdict::pause);  // three results: the best of them is a
  const Ask ask = hand.strategy->ask();
  REQUIRE(std::holds_alternative<Resume>(ask));
  CHECK(std::get<Resume>(ask).number == a);
  CHECK(std::get<Resume>(ask).until == 9);
  CHECK(hand.start() == 4);
}

TEST_CASE("asha: a trial that would be resumed at once proceeds without a pause") {
  Hand hand(20);
  const int a = hand.start(), b = hand.start(), c = hand.start();
  CHECK(hand.report(a, 1, 0.3) == Verdict::pause);
  CHECK(hand.report(b, 1, 0.2) == Verdict::pause);
  CHECK(hand.report(c, 1, 0.1) == Verdict::proceed);
  CHECK(hand.strategy->next_decision(c) == 3);
  CHECK(hand.start() == 4);
}

TEST_CASE("asha: failures on the way to a rung count there as the worst, and are never promoted") {
  Hand hand(20);
  const int a = hand.start(), b = hand.start(), c = hand.start();
  hand.strategy->tell(b, {Outcome::diverged, std::nullopt, 0});
  hand.strategy->tell(c, {Outcome::failed, std::nullopt, 0});
  CHECK(hand.report(a, 1, 5) == Verdict::proceed);  // the best of three
}

TEST_CASE(
    "asha: at the end the best of each rung reaches a full training, then the study is finished") {
  Hand hand(2);
  const int a = hand.start(), b = hand.start();
  CHECK(hand.report(a, 1, 0.2) == Verdict::pause);
  CHECK(std::holds_alternative<Wait>(hand.strategy->ask()));
  CHECK(hand.report(b, 1, 0.1) == Verdict::pause);
  for (const int rung : {1, 3}) {
    const Ask ask = hand.strategy->ask();
    REQUIRE(std::holds_alternative<Resume>(ask));
    REQUIRE(std::get<Resume>(ask).number == b);
    if (rung == 1) CHECK(hand.report(b, 3, 0.1) == Verdict::pause);
  }
  hand.strategy->tell(b, {Outcome::completed, 0.05, 9});
  CHECK(std::get<Finished>(hand.strategy->ask()).why == "all trials done");
}

TEST_CASE(
    "asha: 200 trials on 8 lanes: no step is trained twice, at most n / eta of a rung go on before "
    "the end, and the best are among them") {
  const Space space = conditional_space();
  for_seeds(5, [&](Rng& rng) {
    Simulation study({.strategy = "asha",
                      .space = &space,
                      .seed = 1 + rng.below(1000),
                      .trials = 200,
                      .max_steps = 27,
                      .jobs = 8});
    REQUIRE(study.run());
    std::map<int, std::vector<double>> rungs;
    int steps = 0, full = 0;
    double best_seen = INFINITY, best_full = INFINITY;
    for (const Row& row : study.rows) {
      steps += row.past.steps;
      for (const Report& report : row.past.reports) rungs[report.step].push_back(report.value);
      if (row.past.outcome == Outcome::completed) {
        ++full;
        best_full = std::min(best_full, *row.past.value);
      }
      if (fails_at(row.past.config) == 0)
        best_seen = std::min(best_seen, curve(row.past.config, 27));
    }
    CHECK(study.steps_trained == steps);
    // One in eta of those known at the time: as results come in, some that went on early are displaced, so a few more in all.
    CHECK(rungs[3].size() >= 200 / 3);
    CHECK(rungs[3].size() <= 200 / 3 * 4 / 3);
    CHECK(rungs[9].size() <= rungs[3].size() / 2);
    CHECK(full >= 1);
    CHECK(full <= 20);
    CHECK(steps < 200 * 27 / 4);
    CHECK(best_full <= best_seen + 0.3);
  });
}

TEST_CASE(
    "asha: a model sampler sees every trial, carried to the rung to which three came from the one "
    "below") {
  struct Spy final : Sampler {
    History* last;
    int proposals = 0;
    explicit Spy(History* out) : last(out) {}
    std::optional<Proposal> propose(const History& history) override {
      *last = history;
      return Proposal{Config({{"x", Value(static_cast<double>(++proposals))}, {"y", Value(1.0)}}),
                      {}};
    }
  };
  const Space space = float_space();
  History seen;
  StrategyContext context;
  context.sampler = std::make_unique<Spy>(&seen);
  context.trials = 100;
  context.max_steps = 4;
  context.options = {{"min_steps", 1}, {"eta", 2}};
  context.space = &space;
  const auto strategy = make_strategy("asha", std::move(context));
  const auto values = [&](Outcome outcome) {
    return std::count_if(seen.trials.begin(), seen.trials.end(),
                         [&](const Observation& o) { return o.outcome == outcome; });
  };
  int first_rung = 0, second_rung = 0;
  for (int i = 0; i < 60; ++i) {
    const Ask ask = strategy->ask();
    if (const auto* start = std::get_if<Start>(&ask)) {
      CHECK(values(Outcome::completed) == first_rung);
      for (const Observation& o : seen.trials)
        if (o.outcome == Outcome::completed)
          CHECK(o.value == 10.0 * o.number - 1000 + (second_rung >= 3 ? 2 : 1));
      ++first_rung;
      if (strategy->report(start->number, {1, 10.0 * start->number - 999}) == Verdict::pause)
        strategy->tell(start->number, {Outcome::pending, {}, 1});
      else
        FAIL("later trials are worse: none proceeds");
    } else if (const auto* resume = std::get_if<Resume>(&ask)) {
      if (strategy->next_decision(resume->number) == 2) {
        ++second_rung;
        if (strategy->report(resume->number, {2, 10.0 * resume->number - 998}) == Verdict::pause)
          strategy->tell(resume->number, {Outcome::pending, {}, 2});
      } else {
        strategy->tell(resume->number, {Outcome::stopped, {}, 3});
      }
    }
    if (second_rung > 8) break;
  }
  CHECK(second_rung > 4);
}
