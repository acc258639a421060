#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/rng.h"
#include "search/samplers/gp.h"
#include "search/samplers/random.h"
#include "tests/search/zdt.h"

using namespace vernier;
using namespace vernier::search;

namespace {

Parameter range(std::string name, double low, double high, Kind kind = Kind::float_) {
  Parameter p;
  p.name = std::move(name);
  p.kind = kind;
  p.low = low;
  p.high = high;
  return p;
}

Parameter choice(std::string name, std::vector<std::string> choices,
                 const char* condition = nullptr) {
  Parameter p;
  p.name = std::move(name);
  p.kind = Kind::categorical;
  for (const auto& c : choices) p.choices.emplace_back(c);
  if (condition != nullptr) p.condition = expr::parse(condition);
  return p;
}

double get(const Config& config, const char* name) { return as_number(*config.find(name)); }

double branin(const Config& c) {
  const double x = get(c, "x"), y = get(c, "y");
  const double a = y - 5.1 / (4 * M_PI * M_PI) * x * x + 5 / M_PI * x - 6;
  return a * a + 10 * (1 - 1 / (8 * M_PI)) * std::cos(x) + 10;
}

Space branin_space() { return Space({range("x", -5, 10), range("y", 0, 15)}); }

using Make = std::unique_ptr<Sampler> (*)(const SamplerContext&);

std::unique_ptr<Sampler> sampler(Make make, const Space& space, std::uint64_t seed) {
  SamplerContext context;
  context.space = &space;
  context.seed = seed;
  return make(context);
}

void append(History& history, Proposal proposal) {
  Observation o;
  o.number = static_cast<int>(history.trials.size()) + 1;
  o.config = std::move(proposal.config);
  o.fit = std::move(proposal.fit);
  history.trials.push_back(std::move(o));
}

void complete(Observation& o, double value) {
  o.outcome = Outcome::completed;
  o.value = value;
}

/// Least value after `trials` sequential trials.
double search_with(Make make, const Space& space, std::uint64_t seed, int trials,
                   const std::function<double(const Config&)>& f) {
  const auto s = sampler(make, space, seed);
  History history;
  double best = std::numeric_limits<double>::infinity();
  for (int i = 0; i < trials; ++i) {
    append(history, *s->propose(history));
    complete(history.trials.back(), f(history.trials.back().config));
    best = std::min(best, *history.trials.back().value);
  }
  return best;
}

/// Trials in flight `batch` at a time, the oldest finishing first; `fresh` makes a new sampler for every proposal.
std::vector<std::string> keys_of_run(const Space& space, int trials, int batch, bool fresh,
                                     const std::function<double(const Config&)>& f) {
  auto s = sampler(make_gp, space, 5);
  History history;
  std::vector<std::string> keys;
  for (int i = 0; i < trials; ++i) {
    if (fresh) s = sampler(make_gp, space, 5);
    append(history, *s->propose(history));
    keys.push_back(history.trials.back().config.key());
    const int done = i + 1 - batch;
    if (done >= 0)
      // Out of order: of each pair the later one finishes first.
      complete(history.trials[done ^ (batch > 1)], f(history.trials[done ^ (batch > 1)].config));
  }
  return keys;
}

Space mixed_space() {
  Parameter lr = range("lr", 1e-5, 1);
  lr.scale = Scale::log;
  return Space(
      {lr, range("depth", 1, 5, Kind::int_), choice("act", {"relu", "tanh", "elu"}),
       choice("norm", {"none", "batch"}, "depth >= 2"), range("width", 1, 4096, Kind::int_)},
      {"width * depth <= 6000"});
}

double mixed_value(const Config& c) {
  const double norm = c.find("norm") == nullptr             ? 0.3
                      : to_text(*c.find("norm")) == "batch" ? 0
                                                            : 0.2;
  return std::pow(std::log10(get(c, "lr")) + 2.5, 2) + 0.1 * std::fabs(get(c, "depth") - 3) + norm +
         (to_text(*c.find("act")) == "tanh" ? 0.0 : 0.5) +
         std::fabs(std::log2(get(c, "width")) - 9) / 10;
}

}  // namespace

TEST_CASE("on Branin the median of 5 seeds at 30 trials is far below random's") {
  const Space space = branin_space();
  const auto median_regret = [&](Make make) {
    std::vector<double> regrets;
    for (std::uint64_t seed = 1; seed <= 5; ++seed)
      regrets.push_back(search_with(make, space, seed, 30, branin) - 0.39788735772973816);
    std::sort(regrets.begin(), regrets.end());
    return regrets[2];
  };
  const double gp = median_regret(make_gp), random = median_regret(make_random);
  CHECK(gp < 0.02);
  CHECK(gp < random / 10);
}

TEST_CASE("a mixed, conditional, constrained space is searched to its optimum") {
  const Space space = mixed_space();
  CHECK(search_with(make_gp, space, 3, 60, mixed_value) < 0.05);
}

TEST_CASE("the same history gives the same proposal; the seed changes it") {
  const Space space = branin_space();
  History history;
  const auto s = sampler(make_gp, space, 5);
  for (int i = 0; i < 12; ++i) {
    append(history, *s->propose(history));
    complete(history.trials.back(), branin(history.trials.back().config));
  }
  const auto first = s->propose(history), again = s->propose(history);
  CHECK(first->config == again->config);
  CHECK(first->fit == again->fit);
  CHECK_FALSE(sampler(make_gp, space, 6)->propose(history)->config == first->config);
}

TEST_CASE("a sampler made anew for each trial continues bit for bit") {
  SUBCASE("Branin, past the first thinned refits") {
    const Space space = branin_space();
    CHECK(keys_of_run(space, 70, 1, false, branin) == keys_of_run(space, 70, 1, true, branin));
  }
  SUBCASE("Branin, two pending, finishing out of order") {
    const Space space = branin_space();
    CHECK(keys_of_run(space, 40, 2, false, branin) == keys_of_run(space, 40, 2, true, branin));
  }
  SUBCASE("mixed and conditional") {
    const Space space = mixed_space();
    CHECK(keys_of_run(space, 40, 2, false, mixed_value) ==
          keys_of_run(space, 40, 2, true, mixed_value));
  }
}

TEST_CASE("eight pending trials are different and spread out") {
  const Space space = branin_space();
  const auto s = sampler(make_gp, space, 2);
  History history;
  for (int i = 0; i < 7; ++i) {
    append(history, *s->propose(history));
    complete(history.trials.back(), branin(history.trials.back().config));
  }
  const std::size_t first = history.trials.size();
  for (int i = 0; i < 8; ++i) append(history, *s->propose(history));
  double widest = 0;
  for (std::size_t i = first; i < history.trials.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) {
      const Config &a = history.trials[i].config, &b = history.trials[j].config;
      const double distance = std::hypot(get(a, "x") - get(b, "x"), get(a, "y") - get(b, "y")) / 15;
      CHECK(distance > 1e-6);
      if (j >= first) widest = std::max(widest, distance);
    }
  CHECK(widest > 0.3);
}

TEST_CASE("only pending trials: more of them, all different") {
  const Space space = branin_space();
  const auto s = sampler(make_gp, space, 2);
  History history;
  std::set<std::string> keys;
  for (int i = 0; i < 30; ++i) {
    append(history, *s->propose(history));
    keys.insert(history.trials.back().config.key());
  }
  CHECK(keys.size() == 30);
}

TEST_CASE("finite spaces are proposed once each, then end") {
  Parameter step = range("s", 0, 1);
  step.step = 0.25;
  const std::vector<Space> spaces = {
      Space({choice("a", {"p", "q", "r"}), choice("b", {"u", "v"}), range("n", 1, 4, Kind::int_)}),
      Space({step, range("n", 1, 5, Kind::int_)}, {"n * s <= 3"}),
      Space({range("n", 1, 7, Kind::int_)}),
      Space({choice("a", {"only"})}),
  };
  for (const Space& space : spaces) {
    std::size_t points = 0;
    space.enumerate([&](const Config&) { return ++points > 0; });
    const auto s = sampler(make_gp, space, 9);
    History history;
    std::set<std::string> keys;
    while (auto proposal = s->propose(history)) {
      CHECK(space.satisfies(proposal->config));
      CHECK(keys.insert(proposal->config.key()).second);
      append(history, *proposal);
      complete(history.trials.back(), double(history.trials.size() % 5));
      REQUIRE(history.trials.size() <= points);
    }
    CHECK(history.trials.size() == points);
  }
}

TEST_CASE("a finite space too large to list keeps proposing new configurations") {
  std::vector<Parameter> parameters;
  for (const char* name : {"a", "b", "c", "d", "e", "f", "g", "h"})
    parameters.push_back(choice(name, {"0", "1", "2", "3"}));
  const Space space(parameters);
  const auto s = sampler(make_gp, space, 9);
  History history;
  std::set<std::string> keys;
  double best = 8;
  for (int i = 0; i < 60; ++i) {
    append(history, *s->propose(history));
    double value = 0;
    for (const auto& [name, v] : history.trials.back().config) value += to_text(v) != "2";
    complete(history.trials.back(), value);
    best = std::min(best, value);
    CHECK(keys.insert(history.trials.back().config.key()).second);
  }
  CHECK(best == 0);
}

TEST_CASE("hostile results never stop it") {
  const Space space = mixed_space();
  const double inf = std::numeric_limits<double>::infinity();
  const std::vector<std::function<void(Observation&, int)>> worlds = {
      [](Observation& o, int) { complete(o, 3.0); },             // constant
      [&](Observation& o, int) { complete(o, inf); },            // all infinite
      [](Observation& o, int) { o.outcome = Outcome::failed; },  // all failed
      [](Observation& o, int i) { complete(o, i % 2 ? 1e308 : -1e308); },
      [](Observation& o, int i) { complete(o, i == 7 ? std::nan("") : 1e-300 * i); },
      [](Observation& o, int i) {
        o.outcome = i % 4 == 0   ? Outcome::diverged
                    : i % 4 == 1 ? Outcome::infeasible
                    : i % 4 == 2 ? Outcome::stopped
                                 : Outcome::completed;
        o.steps = i % 3;
        if (i % 4 >= 2) o.value = 1.0 / (i + 1);
      },
  };
  for (const auto& world : worlds) {
    const auto s = sampler(make_gp, space, 4);
    History history;
    std::set<std::string> keys;
    for (int i = 0; i < 25; ++i) {
      const auto proposal = s->propose(history);
      REQUIRE(proposal);
      space.check(proposal->config);
      CHECK(space.satisfies(proposal->config));
      CHECK(keys.insert(proposal->config.key()).second);
      append(history, *proposal);
      world(history.trials.back(), i);
    }
  }
}

TEST_CASE("foreign trials: duplicates, near duplicates and values outside the space") {
  const Space space = branin_space();
  const auto s = sampler(make_gp, space, 4);
  History history;
  for (int i = 0; i < 30; ++i) {
    const double x = i < 10   ? 1.0
                     : i < 20 ? 1.0 + i * 1e-15
                              : 20.0 + i;  // the last ten lie outside
    append(history, {Config({{"x", x}, {"y", 2.0}}), {}});
    complete(history.trials.back(), double(i % 10));
  }
  for (int i = 0; i < 6; ++i) {
    const auto proposal = s->propose(history);
    REQUIRE(proposal);
    space.check(proposal->config);
    append(history, *proposal);
    complete(history.trials.back(), branin(proposal->config));
  }
}

TEST_CASE("one parameter, noise: the minimum is found by the posterior mean") {
  const Space space({range("x", 0, 1)});
  const auto s = sampler(make_gp, space, 4);
  Rng noise({8, Stream::sampler, 99});
  History history;
  int near = 0;
  for (int i = 0; i < 40; ++i) {
    append(history, *s->propose(history));
    const double x = get(history.trials.back().config, "x");
    complete(history.trials.back(), std::pow(x - 0.7, 2) + 0.02 * noise.normal());
    if (i >= 20) near += std::fabs(x - 0.7) < 0.2;
  }
  CHECK(near >= 12);
}

TEST_CASE("every acquisition finds Branin's valley, also with pending trials and made anew") {
  const Space space = branin_space();
  for (const Json& options :
       {Json{{"acquisition", "logei"}}, Json{{"fantasies", 16}}, Json{{"region", "trust"}},
        Json{{"acquisition", "ucb"}}, Json{{"acquisition", "thompson"}}}) {
    CAPTURE(options.dump());
    SamplerContext context;
    context.space = &space;
    context.seed = 3;
    context.options = options;
    const auto one = make_gp(context);
    History history;
    double best = 1e9;
    for (int i = 0; i < 40; ++i) {
      const auto proposal = one->propose(history);
      REQUIRE(proposal);
      if (i % 13 == 12) {
        const auto again = make_gp(context)->propose(history);
        CHECK(again->config == proposal->config);
        CHECK(again->fit == proposal->fit);
      }
      append(history, *proposal);
      if (i < 3) continue;
      Observation& done = history.trials[static_cast<std::size_t>(i - 3)];
      complete(done, branin(done.config));
      best = std::min(best, *done.value);
    }
    CHECK(best - 0.39788735772973816 < 0.1);
  }
}

TEST_CASE("several objectives: ZDT1-3 with 6 parameters, 100 trials, 97 % of the true area") {
  for (const int which : {1, 2, 3}) {
    CAPTURE(which);
    const double share = testing::zdt_share(make_gp, which, 6, 100, 4);
    CHECK(share > 0.97);
    CHECK(share <= 1 + 1e-9);
  }
}

TEST_CASE(
    "three objectives, failures and pending trials: new configurations, the same when made anew") {
  const Space space = mixed_space();
  SamplerContext context;
  context.space = &space;
  context.seed = 3;
  context.objectives = 3;
  const auto one = make_gp(context);
  History history;
  std::set<std::string> keys;
  for (int i = 0; i < 30; ++i) {
    const auto proposal = one->propose(history);
    REQUIRE(proposal);
    CHECK(space.satisfies(proposal->config));
    CHECK(keys.insert(proposal->config.key()).second);
    const auto again = make_gp(context)->propose(history);
    CHECK(again->config == proposal->config);
    append(history, *proposal);
    if (i < 4) continue;
    Observation& done = history.trials[static_cast<std::size_t>(i - 4)];
    if (i % 5 == 0) {
      done.outcome = Outcome::failed;
      continue;
    }
    const double value = mixed_value(done.config);
    complete(done, value);
    done.values = {value, get(done.config, "depth"), -std::log10(get(done.config, "lr"))};
  }
}

TEST_CASE("unknown options and what several objectives cannot do are refused") {
  const Space space = branin_space();
  SamplerContext context;
  context.space = &space;
  context.options = Json{{"type", "gp"}, {"inital", 3}};
  CHECK_THROWS_AS(make_gp(context), UsageError);
  context.options = Json{{"acquisition", "ei"}};
  CHECK_THROWS_AS(make_gp(context), UsageError);
  for (const Json& options :
       {Json{{"acquisition", "ucb"}}, Json{{"fantasies", 4}}, Json{{"region", "trust"}}}) {
    context.options = options;
    context.objectives = 2;
    CHECK_THROWS_AS(make_gp(context), UsageError);
  }
  context.options = Json::object();
  context.objectives = 5;
  CHECK_THROWS_AS(make_gp(context), UsageError);
}
