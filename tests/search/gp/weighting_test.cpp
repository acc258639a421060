#include "search/gp/weighting.h"

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "core/stats.h"
#include "search/gp/asides.h"
#include "search/gp/results.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;
using namespace vernier::search::testing;

namespace {

/// Minimise Branin inside a disk; its three minima lie outside, the constrained one is on the rim.
struct Trialled {
  double value, margin;
};
Trialled disk_branin(const Config& config) {
  const double x = as_number(*config.find("x")), y = as_number(*config.find("y"));
  const double pi = std::numbers::pi;
  const double curve = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
  const double value = curve * curve + 10 * (1 - 1 / (8 * pi)) * std::cos(x) + 10;
  return {value, (x - 2.5) * (x - 2.5) + (y - 7.5) * (y - 7.5) - 16};
}

Space branin_space() {
  return Space({range("x", Kind::float_, -5, 10), range("y", Kind::float_, 0, 15)});
}

History search_disk(std::uint64_t seed, bool learns, int trials) {
  const Space space = branin_space();
  SamplerContext context;
  context.space = &space;
  context.seed = seed;
  context.limits = learns ? 1 : 0;
  const auto sampler = make_sampler("gp", context);
  History history;
  for (int i = 0; i < trials; ++i) {
    const auto proposal = sampler->propose(history);
    const auto [value, margin] = disk_branin(proposal->config);
    Observation seen;
    seen.number = i + 1;
    seen.config = proposal->config;
    seen.fit = proposal->fit;
    seen.outcome = margin > 0 ? Outcome::infeasible : Outcome::completed;
    (margin > 0 ? seen.measured : seen.value) = value;
    if (learns) seen.margins = {margin};
    history.trials.push_back(std::move(seen));
  }
  return history;
}

double best_of(const History& history) {
  double best = HUGE_VAL;
  for (const Observation& trial : history.trials)
    if (trial.outcome == Outcome::completed) best = std::min(best, *trial.value);
  return best;
}

}  // namespace

TEST_CASE("log Phi agrees with mpmath (60 digits), and its derivative with phi / Phi") {
  // mpmath: log(ncdf(z)), npdf(z) / ncdf(z)
  const double known[][3] = {{8, -6.2209605742717861e-16, 5.0522710835368954e-15},
                             {2.5, -0.0062290254858600024, 0.017637825486916735},
                             {0, -0.69314718055994531, 0.79788456080286536},
                             {-1.25, -2.2476256772143182, 1.728816627331054},
                             {-4.999, -15.059812373671576, 5.1855366689741893},
                             {-5.001, -15.07018538160944, 5.1874712761032597},
                             {-40, -804.60844201375379, 40.024968847207264},
                             {-1e6, -500000000014.73445, 1000000.000001}};
  for (const auto& [z, value, ratio] : known) {
    CAPTURE(z);
    CHECK(log_cdf(z).value == doctest::Approx(value).epsilon(1e-12));
    CHECK(log_cdf(z).ratio == doctest::Approx(ratio).epsilon(1e-12));
  }
}

TEST_CASE("the probability of limits and the cost have the gradients that differences have") {
  for_seeds(10, [](Rng& rng) {
    const Space space = branin_space();
    const Embedding embedding(space);
    Asides asides(embedding, rng.below(1000), 1, 3);
    History history;
    for (int i = 0; i < 12; ++i) {
      Observation seen;
      seen.number = i + 1;
      seen.config = space.from_unit(std::vector<double>{rng.uniform(), rng.uniform()});
      seen.outcome = Outcome::completed;
      const Trialled at = disk_branin(seen.config);
      seen.value = at.value;
      seen.margins = {at.margin, i % 3 ? at.value - 40 : std::nan("")};
      seen.work = std::exp(rng.normal());
      history.trials.push_back(std::move(seen));
    }
    for (std::size_t k = 0; k < 2; ++k) asides.update(k, history, collect_margins(history, k));
    const Costs costs = collect_costs(history, Cost::flop);
    asides.update(2, history, costs.results);
    Landscape nothing;
    nothing.evaluate = [](const Matrix& points, bool) {
      return Acquisition{Vector::Zero(points.rows()), Matrix::Zero(points.rows(), points.cols())};
    };
    const Landscape land = per_cost(times_feasible(nothing, {asides.model(0), asides.model(1)}),
                                    asides.model(2), costs.deviation);
    Matrix point(1, 2);
    point << rng.uniform(), rng.uniform();
    const Acquisition at = land.evaluate(point, true);
    for (int c = 0; c < 2; ++c) {
      Matrix up = point, down = point;
      constexpr double step = 1e-5;
      up(0, c) += step;
      down(0, c) -= step;
      const double slope =
          (land.evaluate(up, false).value[0] - land.evaluate(down, false).value[0]) / (2 * step);
      CHECK(at.gradient(0, c) == doctest::Approx(slope).epsilon(1e-4).scale(1e-3));
    }
  });
}

TEST_CASE("a search that learns its limit finds what lies at its rim") {
  std::vector<double> known, blind;
  int inside_known = 0, inside_blind = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    for (const bool learns : {true, false}) {
      const History history = search_disk(seed, learns, 30);
      (learns ? known : blind).push_back(best_of(history));
      for (const Observation& trial : history.trials)
        (learns ? inside_known : inside_blind) += trial.outcome == Outcome::completed;
    }
  }
  MESSAGE("best inside: learned ", median(known), ", as failures ", median(blind),
          "; trials inside ", inside_known, " and ", inside_blind, " of 150");
  CHECK(median(known) < median(blind));
}

TEST_CASE("with limits the same history gives the same proposal, also from a sampler made anew") {
  const Space space = branin_space();
  const History history = search_disk(3, true, 15);
  SamplerContext context;
  context.space = &space;
  context.seed = 3;
  context.limits = 1;
  for (std::size_t cut = 5; cut < history.trials.size(); ++cut) {
    History past;
    past.trials.assign(history.trials.begin(),
                       history.trials.begin() + static_cast<std::ptrdiff_t>(cut));
    const auto proposal = make_sampler("gp", context)->propose(past);
    REQUIRE(proposal);
    CHECK(proposal->config == history.trials[cut].config);
    CHECK(proposal->fit == history.trials[cut].fit);
  }
}

TEST_CASE("a search all of whose trials break the limit looks for one that does not") {
  const Space space = branin_space();
  SamplerContext context;
  context.space = &space;
  context.seed = 5;
  context.limits = 1;
  const auto sampler = make_sampler("gp", context);
  History history;
  double nearest = HUGE_VAL;
  for (int i = 0; i < 25; ++i) {
    const auto proposal = sampler->propose(history);
    REQUIRE(proposal);
    const double x = as_number(*proposal->config.find("x")),
                 y = as_number(*proposal->config.find("y"));
    const double margin = (x - 9) * (x - 9) + (y - 1) * (y - 1) + 1e-3;  // never met
    nearest = std::min(nearest, margin);
    Observation seen;
    seen.number = i + 1;
    seen.config = proposal->config;
    seen.fit = proposal->fit;
    seen.outcome = Outcome::infeasible;
    seen.measured = 1.0 + i;
    seen.margins = {margin};
    history.trials.push_back(std::move(seen));
  }
  CHECK(nearest < 1);
}

TEST_CASE(
    "per flop: what costs little is tried where two optima are as good, and the search finds one "
    "for less") {
  // Two equal minima at x = 0.2 and 0.8; a trial costs e^(4 x).
  const Space space({range("x", Kind::float_, 0, 1), range("y", Kind::float_, 0, 1)});
  const auto spent = [&](const char* per, std::uint64_t seed) {
    SamplerContext context;
    context.space = &space;
    context.seed = seed;
    context.options = {{"type", "gp"}, {"per", per}};
    const auto sampler = make_sampler("gp", context);
    History history;
    double cost = 0;
    for (int i = 0; i < 25; ++i) {
      const auto proposal = sampler->propose(history);
      const double x = as_number(*proposal->config.find("x")),
                   y = as_number(*proposal->config.find("y"));
      Observation seen;
      seen.number = i + 1;
      seen.config = proposal->config;
      seen.fit = proposal->fit;
      seen.outcome = Outcome::completed;
      seen.value = std::pow((x - 0.2) * (x - 0.8), 2) * 20 + (y - 0.4) * (y - 0.4);
      seen.work = std::exp(4 * x);
      if (i >= 5) cost += seen.work;
      history.trials.push_back(std::move(seen));
    }
    CHECK(best_of(history) < 1e-3);
    return cost;
  };
  double weighed = 0, plain = 0;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    weighed += spent("flop", seed);
    plain += spent("trial", seed);
  }
  MESSAGE("spent by 20 trials: ", weighed / 4, " per flop, ", plain / 4, " per trial");
  CHECK(weighed < 0.7 * plain);
}

TEST_CASE("per: another acquisition than logei is refused") {
  const Space space({range("x", Kind::float_, 0, 1)});
  SamplerContext context;
  context.space = &space;
  context.options = {{"type", "gp"}, {"per", "flop"}, {"acquisition", "ucb"}};
  CHECK_THROWS_WITH_AS((void)make_sampler("gp", context),
                       "[sampler gp.per] flop with acquisition ucb; expected logei", UsageError);
}
