// Every registered sampler on what is degenerate, hostile or large.
#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "tests/search/random_space.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

void tell(History& history, const Proposal& proposal, double value) {
  add(history, proposal, Outcome::completed);
  history.trials.back().value = value;
}

/// `trials` proposals, each allowed and new, told `value(k)`.
template <class Value>
void search_with(const std::string& name, const Space& space, int trials, const Value& value) {
  const auto sampler = sampler_for(name, space, 4);
  History history;
  std::set<std::string> keys;
  for (int i = 0; i < trials; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    CHECK_NOTHROW(space.check(proposal->config));
    CHECK(space.satisfies(proposal->config));
    CHECK(keys.insert(proposal->config.key()).second);
    tell(history, *proposal, value(i));
  }
}

}  // namespace

TEST_CASE("samplers: values that are NaN, infinite, huge or all equal do no harm") {
  const double inf = std::numeric_limits<double>::infinity();
  for (const SamplerInfo& info : samplers()) {
    CAPTURE(info.name);
    const Space space = conditional_space();
    search_with(info.name, space, 25, [](int) { return std::nan(""); });
    search_with(info.name, space, 25, [&](int i) { return i % 2 ? inf : -inf; });
    search_with(info.name, space, 25, [](int i) { return i % 2 ? 1e308 : -1e308; });
    search_with(info.name, space, 25, [](int) { return 3.0; });
    search_with(info.name, space, 25, [](int i) { return i % 3 ? 5.0 : std::nan(""); });
  }
}

TEST_CASE("samplers: when every trial fails the search goes on") {
  for (const SamplerInfo& info : samplers()) {
    CAPTURE(info.name);
    const Space space = conditional_space();
    const auto sampler = sampler_for(info.name, space, 4);
    History history;
    std::set<std::string> keys;
    for (int i = 0; i < 30; ++i) {
      const auto proposal = sampler->propose(history);
      REQUIRE(proposal);
      CHECK(keys.insert(proposal->config.key()).second);
      constexpr Outcome ways[] = {Outcome::failed, Outcome::diverged, Outcome::infeasible};
      add(history, *proposal, ways[i % 3]);
    }
  }
}

TEST_CASE("samplers: a space of one point is tried once") {
  const Space space({range("k", Kind::int_, 3, 3), choice("c", {text("only")}),
                     choice("x", {Value(0.5)}, Kind::constant)});
  for (const SamplerInfo& info : samplers()) {
    CAPTURE(info.name);
    const auto sampler = sampler_for(info.name, space, 4);
    History history;
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    CHECK(proposal->config == Config({{"k", whole(3)}, {"c", text("only")}, {"x", Value(0.5)}}));
    tell(history, *proposal, 1);
    CHECK_FALSE(sampler->propose(history));
  }
}

TEST_CASE("samplers: 200 parameters") {
  std::vector<Parameter> parameters;
  for (int i = 0; i < 200; ++i)
    parameters.push_back(i % 4 == 3 ? range("p" + std::to_string(i), Kind::int_, 0, 1)
                                    : range("p" + std::to_string(i), Kind::float_, 0, 1));
  const Space space(parameters);
  for (const SamplerInfo& info : samplers()) {
    if (info.name == "grid") continue;  // refuses with the count
    CAPTURE(info.name);
    const auto sampler = sampler_for(info.name, space, 4);
    const auto random = sampler_for("random", space, 9);
    History history;
    for (int i = 0; i < 210; ++i) {
      const auto proposal = random->propose(history);
      tell(history, *proposal, score(proposal->config));
    }
    for (int i = 0; i < 2; ++i) {
      const auto proposal = sampler->propose(history);
      REQUIRE(proposal);
      CHECK(proposal->config.size() == 200);
      CHECK_NOTHROW(space.check(proposal->config));
      tell(history, *proposal, score(proposal->config));
    }
  }
}

TEST_CASE("samplers: a history of 10,000 trials is continued") {
  const Space space = conditional_space();
  History history;
  Rng rng({3, Stream::data, 0});
  std::set<std::string> keys;
  while (history.trials.size() < 10000) {
    std::vector<double> unit(space.size());
    for (double& u : unit) u = rng.uniform();
    const Config config = space.from_unit(unit);
    if (!space.satisfies(config) || !keys.insert(config.key()).second) continue;
    tell(history, {config, {}}, score(config));
  }
  for (const SamplerInfo& info : samplers()) {
    CAPTURE(info.name);
    const auto sampler = sampler_for(info.name, space, 4);
    History own = history;
    for (int i = 0; i < 2; ++i) {
      const auto proposal = sampler->propose(own);
      REQUIRE(proposal);
      CHECK(space.satisfies(proposal->config));
      CHECK_FALSE(keys.contains(proposal->config.key()));
      tell(own, *proposal, score(proposal->config));
    }
  }
}

TEST_CASE("samplers: priors move the first trials towards their centres, not out of the space") {
  std::vector<Parameter> parameters = {range("lr", Kind::float_, 1e-5, 1, Scale::log),
                                       range("m", Kind::float_, 0, 0.99, Scale::reverse_log),
                                       choice("c", {text("a"), text("b"), text("c")})};
  const Space plain(parameters);
  parameters[0].prior = Prior{Value(1e-3), Confidence::high};
  parameters[1].prior = Prior{Value(0.9), Confidence::medium};
  parameters[2].prior = Prior{text("b"), Confidence::high};
  const Space space(parameters);
  for (const SamplerInfo& info : samplers()) {
    if (info.name == "grid") continue;  // in an order of its own
    CAPTURE(info.name);
    double near[2] = {0, 0};
    for (const int which : {0, 1}) {
      const auto sampler = sampler_for(info.name, which ? space : plain, 4);
      History history;
      for (int i = 0; i < 5; ++i) {
        const auto proposal = sampler->propose(history);
        REQUIRE(proposal);
        near[which] += std::fabs(std::log10(as_number(*proposal->config.find("lr"))) + 3);
        CHECK_NOTHROW(space.check(proposal->config));
        tell(history, *proposal, 1.0);
      }
    }
    CHECK(near[1] < 0.7 * near[0]);
  }
}

TEST_CASE("samplers: in random spaces every proposal is allowed and new, until all are tried") {
  for_seeds(6, [](Rng& rng) {
    const Space space = random_space(rng);
    for (const SamplerInfo& info : samplers()) {
      CAPTURE(info.name);
      const auto sampler = sampler_for(info.name, space, 7);
      History history;
      std::set<std::string> keys;
      std::optional<Proposal> proposal;
      while (keys.size() < 60 && (proposal = sampler->propose(history))) {
        CHECK_NOTHROW(space.check(proposal->config));
        CHECK(space.canonical(proposal->config) == proposal->config);
        REQUIRE(keys.insert(proposal->config.key()).second);
        tell(history, *proposal, score(proposal->config));
      }
      const auto points = space.cardinality();
      if (points && info.name != "grid") CHECK(keys.size() == std::min(60.0, *points));
    }
  });
}
