// Every registered sampler keeps these promises.
#include <set>

#include "core/error.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

Outcome outcome_of(int number) {
  constexpr Outcome outcomes[] = {Outcome::completed,  Outcome::completed, Outcome::failed,
                                  Outcome::completed,  Outcome::stopped,   Outcome::pending,
                                  Outcome::infeasible, Outcome::completed, Outcome::diverged};
  return outcomes[number % 9];
}

template <class Test>
void for_each_sampler(const Test& test) {
  for (const SamplerInfo& info : samplers()) {
    const std::string name = info.name;
    CAPTURE(name);
    test(name);
  }
}

}  // namespace

TEST_CASE(
    "samplers: proposals are new, allowed and checked, with failed, stopped and pending trials in "
    "the history") {
  for_each_sampler([](const std::string& name) {
    for (const Space& space : {conditional_space(), float_space()}) {
      const auto sampler = sampler_for(name, space, 11);
      History history;
      std::set<std::string> keys;
      for (int i = 1; i <= 40; ++i) {
        const auto proposal = sampler->propose(history);
        REQUIRE(proposal);
        CHECK_NOTHROW(space.check(proposal->config));
        CHECK(space.satisfies(proposal->config));
        CHECK(keys.insert(proposal->config.key()).second);
        add(history, *proposal, outcome_of(i));
      }
    }
  });
}

TEST_CASE("samplers: the same history gives the same proposal, also from a sampler made anew") {
  for_each_sampler([](const std::string& name) {
    const Space space = conditional_space();
    const auto kept = sampler_for(name, space, 3);
    History history;
    for (int i = 1; i <= 30; ++i) {
      const auto proposal = kept->propose(history);
      REQUIRE(proposal);
      if (i % 5 == 0) {
        const auto again = kept->propose(history);
        const auto fresh = sampler_for(name, space, 3)->propose(history);
        REQUIRE((again && fresh));
        CHECK(again->config == proposal->config);
        CHECK(fresh->config == proposal->config);
        CHECK(fresh->fit == proposal->fit);
      }
      add(history, *proposal, outcome_of(i));
    }
  });
}

TEST_CASE("samplers: another seed gives other proposals") {
  for_each_sampler([](const std::string& name) {
    const Space space = conditional_space();
    int equal = 0;
    History first, second;
    for (int i = 1; i <= 10; ++i) {
      const auto a = sampler_for(name, space, 1)->propose(first),
                 b = sampler_for(name, space, 2)->propose(second);
      REQUIRE((a && b));
      equal += a->config == b->config;
      add(first, *a, Outcome::completed);
      add(second, *b, Outcome::completed);
    }
    CHECK(equal <= 3);
  });
}

TEST_CASE(
    "samplers: a finite space is covered completely and then exhausted, whatever became of the "
    "trials") {
  for_each_sampler([](const std::string& name) {
    const Space space = small_space();
    const auto sampler = sampler_for(name, space, 5);
    History history;
    std::set<std::string> keys;
    for (int i = 1; i <= 8; ++i) {
      const auto proposal = sampler->propose(history);
      REQUIRE(proposal);
      CHECK(space.satisfies(proposal->config));
      keys.insert(proposal->config.key());
      add(history, *proposal, outcome_of(i));
    }
    CHECK(keys.size() == 8);
    CHECK_FALSE(sampler->propose(history));
    CHECK_FALSE(sampler_for(name, space, 5)->propose(history));
  });
}

TEST_CASE("samplers: a space without parameters has one configuration") {
  for_each_sampler([](const std::string& name) {
    const Space space({});
    const auto sampler = sampler_for(name, space, 5);
    History history;
    const auto only = sampler->propose(history);
    REQUIRE(only);
    CHECK(only->config.size() == 0);
    add(history, *only, Outcome::completed);
    CHECK_FALSE(sampler->propose(history));
  });
}

TEST_CASE(
    "samplers: histories of other origin are continued, written in other types or from outside the "
    "space") {
  for_each_sampler([](const std::string& name) {
    const Space space = small_space();
    History history;
    add(history, {Config({{"kind", text("a")}, {"n", Value(1.0)}}), {}}, Outcome::completed);
    add(history, {Config({{"kind", text("z")}, {"n", whole(100)}}), {}}, Outcome::completed);
    const auto sampler = sampler_for(name, space, 5);
    std::set<std::string> keys;
    while (const auto proposal = sampler->propose(history)) {
      REQUIRE(keys.insert(proposal->config.key()).second);
      CHECK(proposal->config != Config({{"n", whole(1)}, {"kind", text("a")}}));
      add(history, *proposal, Outcome::completed);
    }
    CHECK(keys.size() == 7);
  });
}

TEST_CASE("samplers: unknown samplers and options are refused with the nearest name") {
  const Space space = float_space();
  SamplerContext context;
  context.space = &space;
  CHECK_THROWS_WITH_AS(make_sampler("rondom", context), doctest::Contains("random"), UsageError);
  context.options = {{"no_such_option", 1}};
  for_each_sampler([&](const std::string& name) {
    CHECK_THROWS_WITH_AS(make_sampler(name, context), doctest::Contains("no_such_option"),
                         UsageError);
  });
}
