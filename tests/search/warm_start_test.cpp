// Earlier studies as evidence: transfer.
#include <cmath>
#include <set>

#include "core/error.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

Space square() { return Space({range("x", Kind::float_, 0, 1), range("y", Kind::float_, 0, 1)}); }

/// A narrow bowl; `level` lifts it, `turn` moves its lowest point.
double bowl(const Config& config, double level, double turn) {
  const double x = as_number(*config.find("x")) - 0.83 - turn,
               y = as_number(*config.find("y")) - 0.21 + turn;
  return level + 30 * (x * x + y * y + 0.3 * x * y);
}

EarlierStudy earlier(const Space& space, int trials, double level, double turn) {
  EarlierStudy study;
  Rng rng({5, Stream::data, 0});
  for (int i = 0; i < trials; ++i) {
    study.configs.push_back(space.from_unit(std::vector<double>{rng.uniform(), rng.uniform()}));
    study.values.push_back(bowl(study.configs.back(), level, turn));
  }
  return study;
}

/// The best of `trials` proposals.
double best_of(const Space& space, std::vector<EarlierStudy> studies, int trials,
               std::uint64_t seed) {
  SamplerContext context;
  context.space = &space;
  context.seed = seed;
  context.earlier = std::move(studies);
  const auto sampler = make_sampler("gp", context);
  History history;
  double best = HUGE_VAL;
  for (int i = 0; i < trials; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    CHECK_NOTHROW(space.check(proposal->config));
    CHECK(proposal->config.size() == 2);
    add(history, *proposal, Outcome::completed);
    history.trials.back().value = bowl(proposal->config, 0, 0);
    best = std::min(best, *history.trials.back().value);
  }
  return best;
}

}  // namespace

TEST_CASE("warm start: an earlier study at another level finds the valley at once") {
  const Space space = square();
  double warm = 0, cold = 0;
  for (const std::uint64_t seed : {1, 2, 3, 4}) {
    warm += best_of(space, {earlier(space, 40, 7.0, 0.02)}, 5, seed);
    cold += best_of(space, {}, 5, seed);
  }
  CAPTURE(warm);
  CAPTURE(cold);
  CHECK(warm < 0.2 * cold);
}

TEST_CASE("warm start: where results are shown as logarithms, those of earlier studies are, too") {
  const Space space = square();
  EarlierStudy raw = earlier(space, 30, 1.0, 0.02), logs = raw;
  for (double& value : logs.values) value = std::log(value);
  raw.configs.push_back(space.from_unit(std::vector<double>{0.5, 0.5}));
  raw.values.push_back(-1.0);  // has none
  History history;
  const auto sampler_after = [&](const EarlierStudy& study) {
    SamplerContext context;
    context.space = &space;
    context.seed = 3;
    context.earlier = {study};
    return make_sampler("gp", context);
  };
  const auto shown = sampler_after(raw), plain = sampler_after(logs);
  for (int i = 0; i < 6; ++i) {
    history.logarithms = false;
    const auto expected = plain->propose(history);
    history.logarithms = true;
    const auto found = shown->propose(history);
    REQUIRE(found);
    REQUIRE(expected);
    CHECK(found->config == expected->config);
    add(history, *found, Outcome::completed);
    history.trials.back().value = std::log(bowl(found->config, 1, 0));
  }
}

TEST_CASE("warm start: an earlier study that misleads is overcome") {
  const Space space = square();
  EarlierStudy wrong = earlier(space, 30, 0.0, 0);
  for (double& value : wrong.values) value = -value;
  CHECK(best_of(space, {wrong, earlier(space, 12, -3.0, -0.5)}, 25, 3) < 0.3);
}

TEST_CASE("warm start: what an earlier study tried may be tried again, nothing twice here") {
  const Space space({range("n", Kind::int_, 1, 3), choice("kind", {text("a"), text("b")})});
  EarlierStudy study;
  space.enumerate([&](const Config& config) {
    study.configs.push_back(config);
    study.values.push_back(score(config));
    return true;
  });
  SamplerContext context;
  context.space = &space;
  context.earlier = {study};
  const auto sampler = make_sampler("gp", context);
  History history;
  std::set<std::string> keys;
  for (int i = 0; i < 6; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    CHECK(keys.insert(proposal->config.key()).second);
    add(history, *proposal, i % 2 ? Outcome::completed : Outcome::pending);
  }
  CHECK_FALSE(sampler->propose(history));
}

TEST_CASE(
    "warm start: made anew it proposes the same; other samplers and several objectives refuse") {
  const Space space = square();
  SamplerContext context;
  context.space = &space;
  context.earlier = {earlier(space, 300, 1, 0)};
  const auto sampler = make_sampler("gp", context);
  History history;
  for (int i = 0; i < 8; ++i) {
    const auto proposal = sampler->propose(history);
    const auto again = make_sampler("gp", context)->propose(history);
    REQUIRE((proposal && again));
    CHECK(proposal->config == again->config);
    add(history, *proposal, i == 3 ? Outcome::failed : Outcome::completed);
  }
  for (const SamplerInfo& info : samplers())
    if (info.name != "gp") CHECK_THROWS_AS((void)make_sampler(info.name, context), UsageError);
  context.objectives = 2;
  CHECK_THROWS_AS((void)make_sampler("gp", context), UsageError);
}
