// Every registered strategy keeps these promises, with every sampler.
#include <climits>

#include "core/error.h"
#include "tests/search/simulation.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

template <class Test>
void for_each_strategy(const Test& test) {
  for (const StrategyInfo& info : strategies()) {
    const std::string name = info.name;
    CAPTURE(name);
    test(name);
  }
}

}  // namespace

TEST_CASE(
    "strategies: a study of any number of jobs runs to its end: all trials once, nothing left "
    "running") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    for (const SamplerInfo& sampler : samplers()) {
      for (const int jobs : {1, 3, 8}) {
        CAPTURE(sampler.name);
        CAPTURE(jobs);
        Simulation study(
            {.strategy = name, .sampler = sampler.name, .space = &space, .jobs = jobs});
        REQUIRE(study.run());
        CHECK(study.why == "all trials done");
        check_rows(study, space, 20);
      }
    }
  });
}

TEST_CASE("strategies: the same seed gives the same study, whatever the parallel order drawn") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    Simulation a({.strategy = name, .space = &space, .jobs = 4}),
        b({.strategy = name, .space = &space, .jobs = 4});
    REQUIRE((a.run() && b.run()));
    CHECK(a.log == b.log);
  });
}

TEST_CASE(
    "strategies: killed at any moment and started again, one job ends with the uninterrupted "
    "study") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    for (const char* sampler : {"random", "gp", "tpe"}) {
      CAPTURE(sampler);
      // What a model proposes does not depend on where the cut was, so a few will do.
      const int stride = sampler == std::string("gp") ? 7 : 1;
      const Simulation::Setup setup{
          .strategy = name, .sampler = sampler, .space = &space, .trials = 14};
      Simulation whole_run(setup);
      REQUIRE(whole_run.run());
      int cuts = 0;
      for (int cut = 1;; cut += stride) {
        CAPTURE(cut);
        Simulation study(setup);
        if (study.run(cut)) break;
        study.restart();
        REQUIRE(study.run());
        REQUIRE(study.log == whole_run.log);
        REQUIRE(study.steps_trained == whole_run.steps_trained);
        ++cuts;
      }
      CHECK(cuts > 20 / stride);
    }
  });
}

TEST_CASE(
    "strategies: killed again and again with several jobs, the planned trials are there, none "
    "twice") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    for_seeds(10, [&](Rng& rng) {
      Simulation study({.strategy = name, .space = &space, .seed = 1 + rng.below(1000), .jobs = 3});
      for (int events = 0; !study.run(events); events += 1 + static_cast<int>(rng.below(30)))
        study.restart();
      check_rows(study, space, 20);
    });
  });
}

TEST_CASE("strategies: an exhausted space ends the study with all that could be tried") {
  for_each_strategy([](const std::string& name) {
    const Space space = small_space();
    for (const int jobs : {1, 3}) {
      Simulation study({.strategy = name, .space = &space, .jobs = jobs});
      REQUIRE(study.run());
      CHECK(study.why == "space exhausted");
      check_rows(study, space, 8);
    }
  });
}

TEST_CASE("strategies: enqueued configurations come first, once, in order, and count") {
  for_each_strategy([](const std::string& name) {
    const Space space = small_space();
    const Config first({{"kind", text("b")}, {"n", Value(2.0)}, {"s", whole(0)}}),
        second({{"n", whole(1)}, {"kind", text("a")}});
    Simulation study(
        {.strategy = name, .space = &space, .trials = 5, .enqueue = {first, second, first}});
    REQUIRE(study.run());
    check_rows(study, space, 5);
    CHECK(study.rows[0].past.config == space.canonical(first));
    CHECK(study.rows[1].past.config == second);
    study.restart();
    REQUIRE(study.run());
    check_rows(study, space, 5);
  });
}

TEST_CASE("strategies: a larger total continues a finished study") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    Simulation::Setup setup{.strategy = name, .space = &space, .trials = 10};
    Simulation first(setup);
    REQUIRE(first.run());
    setup.trials = 16;
    Simulation second(setup);
    second.rows = first.rows;
    for (Row& row : second.rows)
      if (row.past.paused) row.past.paused = false, row.past.outcome = Outcome::stopped;
    second.restart();
    REQUIRE(second.run());
    check_rows(second, space, 16);
  });
}

TEST_CASE("strategies: a trial paused by a person is continued first") {
  for_each_strategy([](const std::string& name) {
    const Space space = conditional_space();
    Simulation study({.strategy = name, .space = &space, .failures = false});
    REQUIRE_FALSE(study.run(3));  // started, trained; paused in the middle
    study.rows[0].past.paused = true;
    study.rows[0].past.reports.clear();
    study.restart();
    CHECK(study.running() == 0);
    const Ask ask = study.strategy().ask();
    REQUIRE(std::holds_alternative<Resume>(ask));
    CHECK(std::get<Resume>(ask).number == 1);
  });
}

TEST_CASE("strategies: values that are no numbers do no harm") {
  for_each_strategy([](const std::string& name) {
    const Space space = float_space();
    StrategyContext context;
    context.sampler = sampler_for("gp", space, 1);
    context.trials = 12;
    context.max_steps = 4;
    if (name == "threshold") context.options["worse_than"] = 1;
    const auto strategy = make_strategy(name, std::move(context));
    const double nan = std::nan("");
    for (int i = 0; i < 100; ++i) {
      const Ask ask = strategy->ask();
      int number = 0;
      if (std::holds_alternative<Drop>(ask)) continue;
      if (const auto* start = std::get_if<Start>(&ask)) number = start->number;
      if (const auto* resume = std::get_if<Resume>(&ask)) number = resume->number;
      if (number == 0) break;
      Verdict verdict = Verdict::proceed;
      for (int step = 1; step <= 4 && verdict == Verdict::proceed; ++step)
        verdict = strategy->report(number, {step, step % 2 ? nan : INFINITY});
      const Outcome outcome = verdict == Verdict::pause  ? Outcome::pending
                              : verdict == Verdict::stop ? Outcome::stopped
                                                         : Outcome::completed;
      strategy->tell(number, {outcome, nan, 4});
    }
    CHECK(std::holds_alternative<Finished>(strategy->ask()));
  });
}

TEST_CASE("strategies: max_steps is an option of every one: no trial goes beyond it") {
  const Space space = conditional_space();
  for_each_strategy([&](const std::string& name) {
    Simulation study({.strategy = name,
                      .options = {{"type", name}, {"max_steps", 5}},
                      .space = &space,
                      .max_steps = 9});
    REQUIRE(study.run());
    for (const Row& row : study.rows) CHECK(row.past.steps <= 5);
    CHECK_THROWS_WITH_AS(
        Simulation({.strategy = name, .options = {{"max_steps", 10}}, .space = &space}),
        doctest::Contains("max_steps 10; expected at most the 9"), UsageError);
    CHECK_THROWS_WITH_AS(
        Simulation({.strategy = name, .options = {{"max_steps", 0}}, .space = &space}),
        doctest::Contains("max_steps"), UsageError);
  });
}

TEST_CASE("strategies: unknown names, options and trials are refused") {
  const auto context = [](const Space& space) {
    StrategyContext c;
    c.sampler = sampler_for("random", space, 1);
    c.trials = 3;
    c.max_steps = 9;
    return c;
  };
  const Space space = float_space();
  CHECK_THROWS_WITH_AS(make_strategy("ahsa", context(space)), doctest::Contains("asha"),
                       UsageError);
  for_each_strategy([&](const std::string& name) {
    StrategyContext c = context(space);
    c.options = {{"no_such_option", 1}};
    CHECK_THROWS_WITH_AS(make_strategy(name, std::move(c)), doctest::Contains("no_such_option"),
                         UsageError);
    StrategyContext good = context(space);
    if (name == "threshold") good.options["worse_than"] = 1;
    const auto strategy = make_strategy(name, std::move(good));
    CHECK_THROWS_AS(strategy->tell(7, {}), UsageError);
    CHECK_THROWS_AS(strategy->report(7, {}), UsageError);
    CHECK_THROWS_AS(strategy->next_decision(7), UsageError);
  });
}
