// Every registered strategy on what is degenerate, hostile or large.
#include <algorithm>
#include <map>

#include "tests/search/random_space.h"
#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("strategies: constant values, all failures and one-step trainings end") {
  for (const StrategyInfo& info : strategies()) {
    CAPTURE(info.name);
    const Space space = conditional_space();
    for (const bool fail_all : {true, false}) {
      StrategyContext context;
      context.sampler = sampler_for("tpe", space, 1);
      context.trials = 30;
      context.max_steps = 9;
      context.space = &space;
      if (info.name == "threshold") context.options["worse_than"] = 10;
      const auto strategy = make_strategy(info.name, std::move(context));
      std::map<int, int> step;
      int asked = 0;
      for (; asked < 2000; ++asked) {
        const Ask ask = strategy->ask();
        int number = 0;
        if (std::holds_alternative<Drop>(ask)) continue;
        if (const auto* start = std::get_if<Start>(&ask)) {
          number = start->number;
          step[number] = start->clone_of ? step[*start->clone_of] : 0;
        }
        if (const auto* resume = std::get_if<Resume>(&ask)) number = resume->number;
        if (number == 0) break;
        if (fail_all) {
          strategy->tell(number, {Outcome::failed, {}, 0});
          continue;
        }
        Verdict verdict = Verdict::proceed;
        while (step[number] < 9 && verdict == Verdict::proceed)
          verdict = strategy->report(number, {++step[number], 2.0});
        const Outcome outcome = verdict == Verdict::pause  ? Outcome::pending
                                : verdict == Verdict::stop ? Outcome::stopped
                                                           : Outcome::completed;
        strategy->tell(number, {outcome, 2.0, step[number]});
      }
      CHECK(std::holds_alternative<Finished>(strategy->ask()));
    }
  }
}

TEST_CASE(
    "strategies: in random spaces every sampler's trials are allowed and new, until all are "
    "tried") {
  for_seeds(3, [](Rng& rng) {
    const Space space = random_space(rng);
    const auto points = space.cardinality();
    for (const StrategyInfo& info : strategies()) {
      CAPTURE(info.name);
      for (const SamplerInfo& sampler : samplers()) {
        CAPTURE(sampler.name);
        Simulation study(
            {.strategy = info.name, .sampler = sampler.name, .space = &space, .jobs = 3});
        REQUIRE(study.run());
        const bool all = points && *points < 20;
        check_rows(study, space, all ? static_cast<int>(*points) : 20);
        CHECK(study.why == (all ? "space exhausted" : "all trials done"));
      }
    }
  });
}

TEST_CASE("strategies: a space of one point is trained once, to the end") {
  const Space space({choice("only", {Value(0.5)}, Kind::constant)});
  for (const StrategyInfo& info : strategies()) {
    CAPTURE(info.name);
    for (const SamplerInfo& sampler : samplers()) {
      CAPTURE(sampler.name);
      Simulation study(
          {.strategy = info.name, .sampler = sampler.name, .space = &space, .failures = false});
      REQUIRE(study.run());
      check_rows(study, space, 1);
      CHECK(study.why == "space exhausted");
      CHECK(study.rows[0].past.outcome == Outcome::completed);
      CHECK(study.steps_trained == 9);
    }
  }
}

TEST_CASE("strategies: 200 parameters") {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(
        range("p" + std::to_string(i), i % 4 == 3 ? Kind::int_ : Kind::float_, 0, 1));
  const Space space(parameters);
  for (const StrategyInfo& info : strategies()) {
    CAPTURE(info.name);
    for (const SamplerInfo& sampler : samplers()) {
      if (sampler.name == "grid") continue;  // refuses with the count
      CAPTURE(sampler.name);
      Simulation study(
          {.strategy = info.name, .sampler = sampler.name, .space = &space, .jobs = 4});
      REQUIRE(study.run());
      check_rows(study, space, 20);
    }
  }
}

TEST_CASE("strategies: 10,000 trials on 16 lanes") {
  const Space space = conditional_space();
  for (const StrategyInfo& info : strategies()) {
    CAPTURE(info.name);
    Simulation study(
        {.strategy = info.name, .space = &space, .trials = 10000, .max_steps = 9, .jobs = 16});
    REQUIRE(study.run());
    check_rows(study, space, 10000);
    CHECK(study.why == "all trials done");
  }
}
