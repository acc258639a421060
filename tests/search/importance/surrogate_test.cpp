// The model that judges a study: calibration, and what may still be gained.
#include "search/importance/surrogate.h"

#include <Eigen/LU>
#include <cmath>

#include "search/gp/embedding.h"
#include "search/gp/fit.h"
#include "search/gp/output_transform.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

namespace {

struct Study {
  std::vector<Config> configs;
  std::vector<double> values;
};

Study conditional_study(Rng& rng, std::size_t trials, double noise) {
  const Space space = conditional_space();
  Study study;
  std::vector<double> unit(space.size());
  while (study.configs.size() < trials) {
    for (double& u : unit) u = rng.uniform();
    const Config config = space.from_unit(unit);
    if (!space.satisfies(config)) continue;
    study.configs.push_back(config);
    study.values.push_back(score(config) + noise * rng.normal());
  }
  return study;
}

double bowl(const Config& config) {
  const double x = as_number(*config.find("x")), y = as_number(*config.find("y"));
  return 0.1 * (x - 3) * (x - 3) + 0.05 * (y - 7) * (y - 7) + 0.02 * x * y;
}

Study float_study(Rng& rng, std::size_t trials) {
  const Space space = float_space();
  Study study;
  for (std::size_t i = 0; i < trials; ++i) {
    study.configs.push_back(space.from_unit(std::vector<double>{rng.uniform(), rng.uniform()}));
    study.values.push_back(bowl(study.configs.back()));
  }
  return study;
}

}  // namespace

TEST_CASE("calibration: what is foretold of a trial is the prediction of a process without it") {
  const Space space = conditional_space();
  for_seeds(2, [&](Rng& rng) {
    const Study study = conditional_study(rng, 25, 0.05);
    const auto found = calibration(space, study.configs, study.values);
    REQUIRE(found);
    REQUIRE(found->trials.size() == 25);
    // The same hyperparameters and mean; each posterior by a dense inverse of the other 24.
    const gp::Embedding embedding(space);
    std::vector<std::optional<double>> given(study.values.begin(), study.values.end());
    const std::vector<double> y = gp::transform_outputs(given);
    gp::FitData data;
    data.x.resize(25, embedding.coordinates());
    for (int i = 0; i < 25; ++i)
      data.x.row(i) = embedding.embed(*embedding.point(study.configs[static_cast<std::size_t>(i)]));
    data.y = Eigen::Map<const gp::Vector>(y.data(), 25);
    data.owner = embedding.owner();
    data.dimensions = embedding.dimensions();
    const gp::Vector theta = gp::fit_map(data, {gp::default_theta(data.dimensions)}, 80);
    gp::Matrix a(25, 25);
    for (int i = 0; i < 25; ++i)
      for (int j = 0; j < 25; ++j) {
        double distance = 0;
        for (int c = 0; c < embedding.coordinates(); ++c)
          distance += std::pow((data.x(i, c) - data.x(j, c)) /
                                   std::exp(theta[data.owner[static_cast<std::size_t>(c)]]),
                               2);
        const double r = std::sqrt(5 * distance);
        a(i, j) = std::exp(theta[data.dimensions]) * (1 + r + r * r / 3) * std::exp(-r);
        if (i == j) a(i, j) += std::exp(theta[data.dimensions + 1]);
      }
    const gp::Vector ones = gp::Vector::Ones(25);
    const double mean = ones.dot(a.inverse() * data.y) / ones.dot(a.inverse() * ones);
    for (int left = 0; left < 25; ++left) {
      std::vector<int> rest;
      for (int i = 0; i < 25; ++i)
        if (i != left) rest.push_back(i);
      const gp::Matrix inverse = a(rest, rest).inverse();
      const gp::Vector cross = a(rest, left);
      const double foretold = mean + cross.dot(inverse * (data.y(rest).array() - mean).matrix());
      const double variance = a(left, left) - cross.dot(inverse * cross);
      const Foretold& one = found->trials[static_cast<std::size_t>(left)];
      CHECK(one.mean == doctest::Approx(foretold).epsilon(1e-6));
      CHECK(one.deviation == doctest::Approx(std::sqrt(variance)).epsilon(1e-6));
      CHECK(one.value == doctest::Approx(data.y[left]));
    }
  });
}

TEST_CASE("calibration: a smooth study is foretold, noise is not, and intervals hold their share") {
  const Space space = conditional_space();
  double inside = 0;
  for_seeds(4, [&](Rng& rng) {
    Study study = conditional_study(rng, 60, 0.1);
    const auto smooth = calibration(space, study.configs, study.values);
    REQUIRE(smooth);
    CHECK(smooth->explained > 0.5);
    inside += smooth->inside_90 / 4;
    for (double& value : study.values) value = rng.normal();
    const auto noise = calibration(space, study.configs, study.values);
    REQUIRE(noise);
    CHECK(noise->explained < 0.3);
    CHECK(noise->inside_50 < noise->inside_90);
  });
  CHECK(inside > 0.75);
}

TEST_CASE(
    "regret bound: above the true regret, smaller with more trials, in the objective's units") {
  const Space space = float_space();
  double truth = HUGE_VAL;
  for (double x = -5; x <= 10; x += 0.05)
    for (double y = 0; y <= 15; y += 0.05)
      truth = std::min(truth, bowl(Config({{"x", x}, {"y", y}})));
  for_seeds(3, [&](Rng& rng) {
    const Study study = float_study(rng, 60);
    double last = HUGE_VAL;
    for (const std::size_t n : {20u, 60u}) {
      const std::span<const Config> configs(study.configs.data(), n);
      const std::span<const double> values(study.values.data(), n);
      const auto bound = regret_bound(space, configs, values);
      REQUIRE(bound);
      const double best = *std::min_element(values.begin(), values.end());
      CHECK(*bound >= best - truth);
      CHECK(*bound < last);
      last = *bound;
      std::vector<double> scaled;
      for (const double value : values) scaled.push_back(1000 * value - 77);
      CHECK(*regret_bound(space, configs, scaled) == doctest::Approx(1000 * *bound).epsilon(1e-3));
    }
    CHECK(last < 0.5);
    CHECK_FALSE(
        regret_bound(space, std::span(study.configs).first(19), std::span(study.values).first(19)));
  });
}

TEST_CASE("foreteller: means in the objective's units") {
  const Space space = float_space();
  for_seeds(2, [&](Rng& rng) {
    const Study study = float_study(rng, 80);
    const auto mean = foreteller(space, study.configs, study.values);
    REQUIRE(mean);
    for (int i = 0; i < 20; ++i) {
      const Config near({{"x", 0.5 + 2 * rng.uniform()}, {"y", 4 + 3 * rng.uniform()}});
      CHECK(mean(near) == doctest::Approx(bowl(near)).epsilon(0.1));
    }
  });
}

TEST_CASE("surrogate: too few trials, equal values and values without end are no model") {
  const Space space = float_space();
  Rng rng({1, Stream::data, 0});
  Study study = float_study(rng, 30);
  CHECK_FALSE(
      calibration(space, std::span(study.configs).first(7), std::span(study.values).first(7)));
  for (double& value : study.values) value = 3;
  CHECK_FALSE(calibration(space, study.configs, study.values));
  CHECK_FALSE(regret_bound(space, study.configs, study.values));
  for (double& value : study.values) value = NAN;
  CHECK_FALSE(regret_bound(space, study.configs, study.values));
  CHECK_FALSE(foreteller(space, study.configs, study.values));
}
