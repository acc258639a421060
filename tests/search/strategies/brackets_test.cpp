#include "search/brackets.h"

#include <algorithm>
#include <map>

#include "core/error.h"
#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

std::map<int, int> steps_of(const Simulation& study) {
  std::map<int, int> count;
  for (const Row& row : study.rows) ++count[row.past.steps];
  return count;
}

StrategyContext context_of(const Space& space, Json options) {
  StrategyContext context;
  context.sampler = sampler_for("random", space, 1);
  context.space = &space;
  context.max_steps = 9;
  context.options = std::move(options);
  return context;
}

/// Nine trials in groups of three, with decisions at the steps 1, 3 and 9.
std::unique_ptr<Strategy> groups_of_three(const Space& space) {
  StrategyContext context = context_of(space, {{"configurations", 3}});
  context.trials = 9;
  return make_strategy("successive_halving", std::move(context));
}

/// A study of one of the strategies, in which no trial fails.
Simulation study_of(const char* strategy, const Space& space, int trials, int max_steps,
                    int jobs = 1) {
  return Simulation({.strategy = strategy,
                     .space = &space,
                     .trials = trials,
                     .max_steps = max_steps,
                     .jobs = jobs,
                     .failures = false});
}

}  // namespace

TEST_CASE(
    "hyperband: the brackets of the paper: with R = 81 and eta = 3, 81 trials from 1 step, then 34 "
    "from 3, 15 from 9, 8 from 27, 5 full ones") {
  const Space space = conditional_space();
  Simulation study = study_of("hyperband", space, 143, 81);
  REQUIRE(study.run());
  std::map<std::size_t, int> first_decisions;
  for (std::size_t i = 0; i < study.rows.size(); ++i) {
    const PastTrial& past = study.rows[i].past;
    const int first = past.reports.empty() ? 81 : past.reports.front().step;
    ++first_decisions[static_cast<std::size_t>(first)];
    const int expected = i < 81 ? 1 : i < 115 ? 3 : i < 130 ? 9 : i < 138 ? 27 : 81;
    CHECK(first == expected);
  }
  CHECK(first_decisions == std::map<std::size_t, int>{{1, 81}, {3, 34}, {9, 15}, {27, 8}, {81, 5}});
  // 81 27 9 3 1 | 34 11 3 1 | 15 5 1 | 8 2 | 5: where they ended
  CHECK(steps_of(study) ==
        std::map<int, int>{
            {1, 54}, {3, 18 + 23}, {9, 6 + 8 + 10}, {27, 2 + 2 + 4 + 6}, {81, 1 + 1 + 1 + 2 + 5}});
}

TEST_CASE("hyperband: R = 25 has the rungs 1, 3, 8 and 25, rounded, whatever the lanes") {
  const Space space = conditional_space();
  for (const int jobs : {1, 4}) {
    Simulation study = study_of("hyperband", space, 27 + 12 + 6 + 4, 25, jobs);
    REQUIRE(study.run());
    CHECK(steps_of(study) ==
          std::map<int, int>{{1, 18}, {3, 6 + 8}, {8, 2 + 3 + 4}, {25, 1 + 1 + 2 + 4}});
  }
}

TEST_CASE("hyperband: of two rungs that round to the same step there is one") {
  const Space space = conditional_space();
  StrategyContext context = context_of(space, {{"eta", 2}});
  context.max_steps = 4;
  context.trials = 100;
  const auto strategy = make_strategy("hyperband", std::move(context));
  const auto start = std::get<Start>(strategy->ask());
  std::vector<int> steps;
  for (int step = strategy->next_decision(start.number); step < 4;
       step = strategy->next_decision(start.number)) {
    steps.push_back(step);
    strategy->report(start.number, {step, 1.0});
  }
  CHECK(steps == std::vector<int>{1, 2});
}

TEST_CASE(
    "successive_halving: of each group the best third goes on at every rung, from where it paused, "
    "and the others are stopped at once") {
  const Space space = conditional_space();
  Simulation study = study_of("successive_halving", space, 18, 9);
  REQUIRE(study.run());
  CHECK(steps_of(study) == std::map<int, int>{{1, 12}, {3, 4}, {9, 2}});
  int steps = 0;
  for (const Row& row : study.rows) {
    steps += row.past.steps;
    CHECK((row.past.outcome == Outcome::stopped || row.past.steps == 9));
  }
  CHECK(study.steps_trained == steps);  // nothing twice
  for (int group = 0; group < 2; ++group) {
    std::vector<double> first;
    double winner = 0;
    for (int i = 9 * group; i < 9 * group + 9; ++i) {
      const PastTrial& past = study.rows[static_cast<std::size_t>(i)].past;
      first.push_back(past.reports.front().value);
      if (past.steps == 9) winner = past.reports.front().value;
    }
    std::sort(first.begin(), first.end());
    CHECK(winner <= first[2]);
  }
}

TEST_CASE("brackets: lost trials count as the worst, and a group of which all fail ends") {
  const Space space = float_space();
  const auto strategy = groups_of_three(space);
  for (int i = 1; i <= 3; ++i) {
    REQUIRE(std::holds_alternative<Start>(strategy->ask()));
    strategy->tell(i, {i == 2 ? Outcome::diverged : Outcome::failed, {}, 0});
  }
  for (int i = 4; i <= 6; ++i) REQUIRE(std::holds_alternative<Start>(strategy->ask()));
  strategy->tell(4, {Outcome::failed, {}, 0});
  CHECK(strategy->report(5, {1, 7.0}) == Verdict::pause);
  strategy->tell(5, {Outcome::pending, 7.0, 1});
  CHECK(strategy->report(6, {1, 8.0}) == Verdict::pause);
  strategy->tell(6, {Outcome::pending, 8.0, 1});
  const Ask drop = strategy->ask();
  REQUIRE(std::holds_alternative<Drop>(drop));
  CHECK(std::get<Drop>(drop).number == 6);
  const Ask ask = strategy->ask();
  REQUIRE(std::holds_alternative<Resume>(ask));
  CHECK(std::get<Resume>(ask).number == 5);
}

TEST_CASE("hyperband: in a bracket from a higher rung, too, lost trials count as the worst") {
  const Space space = float_space();
  StrategyContext context = context_of(space, {});
  context.trials = 100;
  const auto strategy = make_strategy("hyperband", std::move(context));
  for (int i = 1; i <= 9; ++i) {  // the bracket from the first step
    REQUIRE(std::holds_alternative<Start>(strategy->ask()));
    strategy->tell(i, {Outcome::failed, {}, 0});
  }
  for (int i = 10; i <= 14; ++i) {  // five that meet at step 3
    REQUIRE(std::holds_alternative<Start>(strategy->ask()));
    REQUIRE(strategy->next_decision(i) == 3);
    if (i == 11) {
      strategy->tell(i, {Outcome::diverged, {}, 1});
      continue;
    }
    CHECK(strategy->report(i, {3, 20.0 - i}) == (i == 14 ? Verdict::proceed : Verdict::pause));
    if (i < 14) strategy->tell(i, {Outcome::pending, 20.0 - i, 3});
  }
  strategy->tell(14, {Outcome::completed, 6.0, 9});
  for (const int dropped : {10, 12, 13}) {
    const Ask ask = strategy->ask();
    REQUIRE(std::holds_alternative<Drop>(ask));
    CHECK(std::get<Drop>(ask).number == dropped);
  }
}

TEST_CASE(
    "brackets: with parallel lanes the next group starts while one waits for its last result") {
  const Space space = float_space();
  const auto strategy = groups_of_three(space);
  for (int i = 1; i <= 3; ++i) REQUIRE(std::holds_alternative<Start>(strategy->ask()));
  for (int i = 1; i <= 2; ++i) {
    CHECK(strategy->report(i, {1, 1.0 * i}) == Verdict::pause);
    strategy->tell(i, {Outcome::pending, 1.0 * i, 1});
    CHECK(std::get<Start>(strategy->ask()).number == 3 + i);
  }
  CHECK(strategy->report(3, {1, 0.5}) == Verdict::proceed);  // the last to come, and the best
}

TEST_CASE("bohb is hyperband, its sampler is gp unless another is named; options are checked") {
  CHECK(default_sampler("bohb") == "gp");
  CHECK(default_sampler("hyperband") == "gp");
  const Space space = conditional_space();
  Simulation::Setup setup{.strategy = "bohb", .space = &space, .max_steps = 27};
  Simulation bohb(setup);
  setup.strategy = "hyperband";
  Simulation hyperband(setup);
  REQUIRE((bohb.run() && hyperband.run()));
  CHECK(bohb.log == hyperband.log);
  for (const char* name : {"hyperband", "bohb", "successive_halving", "asha"}) {
    CAPTURE(name);
    for (const Json& wrong : {Json{{"eta", 1}}, Json{{"min_steps", 9}}, Json{{"max_steps", 10}},
                              Json{{"min_steps", 0}}}) {
      CHECK_THROWS_WITH_AS(make_strategy(name, context_of(space, wrong)), doctest::Contains(name),
                           UsageError);
    }
  }
}
