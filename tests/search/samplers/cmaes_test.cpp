#include "search/samplers/cmaes.h"

#include <cmath>

#include "search/cma/state.h"
#include "search/problems/problem.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::testing;

TEST_CASE("cmaes: the distribution converges on a badly scaled rotated ellipsoid") {
  constexpr int d = 5;
  cma::State state(std::vector<cma::Dimension>(d), {}, 0);
  cma::Point start;
  start.x = Eigen::VectorXd::Constant(d, 0.5);
  state.begin(start, 0.2);
  for_seeds(1, [&](Rng& rng) {
    Eigen::MatrixXd mix(d, d);
    for (int i = 0; i < d * d; ++i) mix(i / d, i % d) = rng.normal();
    Eigen::VectorXd target(d);
    for (int i = 0; i < d; ++i) target[i] = 0.2 + 0.6 * rng.uniform();
    double best = INFINITY;
    for (int generation = 0; generation < 300 && best > 1e-12; ++generation) {
      std::vector<std::pair<double, std::size_t>> order;
      std::vector<cma::Point> points;
      for (int k = 0; k < state.population(); ++k) {
        points.push_back(state.draw(rng));
        const Eigen::VectorXd z = mix * (points.back().x - target);
        double value = 0;
        for (int i = 0; i < d; ++i) value += std::pow(1000.0, i / (d - 1.0)) * z[i] * z[i];
        order.emplace_back(value, points.size() - 1);
      }
      std::sort(order.begin(), order.end());
      best = std::min(best, order.front().first);
      std::vector<cma::Point> ranked;
      for (const auto& [value, i] : order) ranked.push_back(points[i]);
      state.update(ranked);
    }
    CHECK(best < 1e-10);
  });
}

TEST_CASE("cmaes: with margin every neighbour of an integer stays possible") {
  cma::Dimension cells;
  for (int i = 0; i <= 10; ++i) cells.edges.push_back(i / 10.0);
  cma::State state({cells, cma::Dimension{}}, {}, 10);
  cma::Point start;
  start.x = Eigen::Vector2d(0.55, 0.5);
  state.begin(start, 0.2);
  Rng rng({1, Stream::data, 0});
  for (int generation = 0; generation < 60; ++generation) {
    // Only the second dimension matters: it shrinks to a point.
    std::vector<cma::Point> points;
    for (int k = 0; k < 10; ++k) points.push_back(state.draw(rng));
    std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) {
      return std::pow(a.x[1] - 0.3, 2) + 1e-6 * std::fabs(a.x[0] - 0.55) <
             std::pow(b.x[1] - 0.3, 2) + 1e-6 * std::fabs(b.x[0] - 0.55);
    });
    state.update(points);
  }
  int other = 0;
  for (int k = 0; k < 2000; ++k) {
    const double x = state.draw(rng).x[0];
    other += x < 0.5 || x >= 0.6;
  }
  CHECK(other > 2000 / 20 / 4);  // at least about 1 / (d population)
}

TEST_CASE("cmaes: solves what random draws do not, also with integers and a category") {
  for (const char* name : {"hartmann6", "rosenbrock4", "mixed"}) {
    CAPTURE(name);
    const Problem& task = problem(name);
    const Space space(task.parameters);
    double sums[2] = {0, 0};
    for (const int which : {0, 1}) {
      for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        SamplerContext context;
        context.space = &space;
        context.seed = seed;
        context.budget = 200;
        const auto sampler = make_sampler(which ? "random" : "cmaes", context);
        History history;
        double best = INFINITY;
        for (int i = 0; i < 200; ++i) {
          const auto proposal = sampler->propose(history);
          REQUIRE(proposal);
          add(history, *proposal, Outcome::completed);
          history.trials.back().value = task.value(proposal->config);
          best = std::min(best, *history.trials.back().value);
        }
        sums[which] += best - task.minimum;
      }
    }
    CHECK(sums[0] < 0.7 * sums[1]);
  }
}
