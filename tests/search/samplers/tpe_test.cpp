#include "search/samplers/tpe.h"

#include <cmath>

#include "search/tpe/parzen.h"
#include "search/tpe/split.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

double regret_of(const std::string& sampler, std::uint64_t seed, int trials) {
  const Space space({range("x", Kind::float_, -5, 5), range("y", Kind::float_, -5, 5),
                     range("k", Kind::int_, 1, 30),
                     choice("c", {text("a"), text("b"), text("c")})});
  const auto made = sampler_for(sampler, space, seed);
  History history;
  double best = INFINITY;
  for (int i = 1; i <= trials; ++i) {
    const auto proposal = made->propose(history);
    REQUIRE(proposal);
    const auto at = [&](const char* name) { return as_number(*proposal->config.find(name)); };
    double value =
        std::pow(at("x") - 1.7, 2) + std::pow(at("y") + 2.2, 2) + 0.05 * std::pow(at("k") - 21, 2);
    if (*proposal->config.find("c") != text("b")) value += 3;
    add(history, *proposal, Outcome::completed);
    history.trials.back().value = value;
    best = std::min(best, value);
  }
  return best;
}

}  // namespace

TEST_CASE("tpe: finds the valley of a mixed space far better than random draws") {
  double tpe = 0, random = 0;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    tpe += std::log(regret_of("tpe", seed, 80));
    random += std::log(regret_of("random", seed, 80));
  }
  CHECK(tpe / 5 < random / 5 - 1.5);
}

TEST_CASE("tpe: the densities are normalised over continuous, stepped and categorical parameters") {
  Parameter weighted = choice("c", {text("a"), text("b"), text("c")});
  weighted.weights = {1, 2, 5};
  const Space space(
      {range("x", Kind::float_, 0, 1), range("k", Kind::int_, 1, 9, Scale::log), weighted});
  for_seeds(5, [&](Rng& rng) {
    std::vector<std::vector<double>> points;
    for (int i = 0; i < 30; ++i) {
      std::vector<double> unit = {rng.uniform(), rng.uniform(), rng.uniform()};
      points.push_back(space.to_unit(space.from_unit(unit)));
    }
    std::vector<const std::vector<double>*> rows;
    for (const auto& p : points) rows.push_back(&p);
    const std::vector<std::size_t> group = {0, 1, 2};
    const tpe::Parzen density(space, group, rows);
    double total = 0;
    constexpr int grid = 400;
    for (int k = 0; k < 9; ++k) {
      const auto [klow, khigh] = space.axis(1).cell(k);
      for (int c = 0; c < 3; ++c) {
        const auto [clow, chigh] = space.axis(2).cell(c);
        for (int i = 0; i < grid; ++i) {
          const std::vector<double> unit = {(i + 0.5) / grid, (klow + khigh) / 2,
                                            (clow + chigh) / 2};
          // Categories have probabilities, ranges densities on the unit interval.
          total += std::exp(density.log_density(unit)) / grid * (khigh - klow);
        }
      }
    }
    CHECK(total == doctest::Approx(1).epsilon(1e-3));
    // What it draws is what it says: the share below 1/2 against the integral.
    int low = 0;
    std::vector<double> unit(3);
    for (int i = 0; i < 20000; ++i) {
      density.draw(rng, unit);
      low += unit[0] < 0.5;
    }
    double below = 0;
    for (int k = 0; k < 9; ++k) {
      const auto [klow, khigh] = space.axis(1).cell(k);
      for (int c = 0; c < 3; ++c) {
        const auto [clow, chigh] = space.axis(2).cell(c);
        for (int i = 0; i < grid / 2; ++i) {
          const std::vector<double> at = {(i + 0.5) / grid, (klow + khigh) / 2, (clow + chigh) / 2};
          below += std::exp(density.log_density(at)) / grid * (khigh - klow);
        }
      }
    }
    CHECK(low / 20000.0 == doctest::Approx(below).epsilon(0.05));
  });
}

TEST_CASE("tpe: good ones are a tenth, at most 25; further rungs come first, failures never") {
  History history;
  for (int i = 1; i <= 40; ++i) {
    Observation seen;
    seen.number = i;
    seen.outcome = Outcome::completed;
    seen.value = 100 - i;
    history.trials.push_back(seen);
  }
  history.trials[39].outcome = Outcome::diverged;
  history.trials[38].outcome = Outcome::pending;
  history.trials[38].value.reset();
  tpe::Split split = tpe::split(history);
  CHECK(split.good == std::vector<std::size_t>{34, 35, 36, 37});
  CHECK(split.bad.size() == 36);
  for (std::size_t i = 0; i < 40; ++i) {
    history.trials[i].rung = i < 5 ? 9 : 3;
    history.trials[i].rung_value = history.trials[i].value.value_or(0);
  }
  split = tpe::split(history);
  CHECK(split.good == std::vector<std::size_t>{1, 2, 3, 4});
  for (int i = 0; i < 1000; ++i) {
    Observation seen;
    seen.number = 41 + i;
    seen.outcome = Outcome::completed;
    seen.value = i;
    history.trials.push_back(seen);
  }
  CHECK(tpe::split(history).good.size() == 25);
}
