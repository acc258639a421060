#include "search/gp/lbfgsb.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace vernier::search::gp;
using Eigen::VectorXd;

TEST_CASE("Rosenbrock's valley inside and against its bounds") {
  const auto minimise = [](double upper) {
    LbfgsbLimits limits;
    limits.evaluations = 200;
    limits.relative_decrease = 1e-14;
    Lbfgsb run(VectorXd::Constant(2, -1.2), VectorXd::Constant(2, -2), VectorXd::Constant(2, upper),
               limits);
    int evaluations = 0;
    while (run.wants_value()) {
      const VectorXd& x = run.point();
      CHECK(x.maxCoeff() <= upper);
      const double a = 1 - x[0], b = x[1] - x[0] * x[0];
      VectorXd g(2);
      g << -2 * a - 400 * x[0] * b, 200 * b;
      run.give(a * a + 100 * b * b, g);
      ++evaluations;
    }
    CHECK(evaluations <= 200);
    return run;
  };
  const Lbfgsb inside = minimise(2);
  CHECK(inside.best()[0] == doctest::Approx(1).epsilon(1e-4));
  CHECK(inside.best_value() < 1e-9);
  const Lbfgsb against = minimise(0.5);  // minimum on the edge x0 = 1/2, x1 = 1/4
  CHECK(against.best()[0] == doctest::Approx(0.5));
  CHECK(against.best()[1] == doctest::Approx(0.25).epsilon(1e-4));
}

TEST_CASE("a value that is not finite ends the run with the best so far") {
  Lbfgsb run(VectorXd::Constant(1, 0.9), VectorXd::Zero(1), VectorXd::Ones(1), {});
  run.give(3.0, VectorXd::Constant(1, 1.0));
  REQUIRE(run.wants_value());
  run.give(std::numeric_limits<double>::quiet_NaN(), VectorXd::Constant(1, 1.0));
  CHECK_FALSE(run.wants_value());
  CHECK(run.best_value() == 3.0);
  CHECK(run.best()[0] == 0.9);
}

TEST_CASE("no variables: one evaluation") {
  Lbfgsb run(VectorXd(0), VectorXd(0), VectorXd(0), {});
  REQUIRE(run.wants_value());
  run.give(2.0, VectorXd(0));
  CHECK_FALSE(run.wants_value());
  CHECK(run.best_value() == 2.0);
}
