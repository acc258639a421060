#include "search/gp/log_ehvi.h"

#include <doctest/doctest.h>

#include <cmath>

#include "search/pareto.h"
#include "tests/search/support.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

namespace {

Matrix random_points(Rng& rng, int count, int objectives) {
  Matrix out(count, objectives);
  for (Eigen::Index i = 0; i < out.size(); ++i) out.data()[i] = rng.uniform();
  return out;
}

bool inside(const Boxes& boxes, Eigen::Index b, const Eigen::RowVectorXd& y) {
  return (y.array() > boxes.lower.row(b).array()).all() &&
         (y.array() < boxes.upper.row(b).array()).all();
}

/// prod (u - max(l, y))+ over the boxes: what y adds to the dominated volume.
double gain(const Boxes& boxes, const Eigen::RowVectorXd& y) {
  double sum = 0;
  for (Eigen::Index b = 0; b < boxes.lower.rows(); ++b)
    sum += (boxes.upper.row(b) - boxes.lower.row(b).cwiseMax(y)).cwiseMax(0.0).prod();
  return sum;
}

}  // namespace

TEST_CASE("boxes: what the front leaves, each point in one of them") {
  for (const int objectives : {1, 2, 3, 4}) {
    CAPTURE(objectives);
    testing::for_seeds(5, [&](Rng& rng) {
      const Matrix front = random_points(rng, static_cast<int>(rng.below(9)), objectives);
      const Vector reference = Vector::Constant(objectives, 0.9);
      const Boxes boxes = undominated(front, reference);
      for (int i = 0; i < 300; ++i) {
        const Eigen::RowVectorXd y = random_points(rng, 1, objectives) * 1.2;
        bool dominated = (y.array() > 0.9).any();
        for (Eigen::Index f = 0; f < front.rows(); ++f)
          dominated = dominated || (front.row(f).array() <= y.array()).all();
        int boxes_with = 0;
        for (Eigen::Index b = 0; b < boxes.lower.rows(); ++b) boxes_with += inside(boxes, b, y);
        CHECK(boxes_with == (dominated ? 0 : 1));
      }
    });
  }
}

TEST_CASE("the gain of a point is the growth of the hypervolume") {
  testing::for_seeds(10, [](Rng& rng) {
    const Matrix front = random_points(rng, 8, 2);
    const Vector reference = Vector::Constant(2, 1.1);
    const Boxes boxes = undominated(front, reference);
    const Eigen::RowVectorXd y = random_points(rng, 1, 2);
    std::vector<std::vector<double>> points;
    for (Eigen::Index i = 0; i < front.rows(); ++i) points.push_back({front(i, 0), front(i, 1)});
    const std::vector<double> corner = {1.1, 1.1};
    const double before = hypervolume(points, corner);
    points.push_back({y[0], y[1]});
    CHECK(gain(boxes, y) == doctest::Approx(hypervolume(points, corner) - before).epsilon(1e-9));
  });
}

TEST_CASE("EHVI is the mean gain of normal draws") {
  for (const int objectives : {2, 3}) {
    CAPTURE(objectives);
    testing::for_seeds(3, [&](Rng& rng) {
      const Boxes boxes =
          undominated(random_points(rng, 6, objectives), Vector::Constant(objectives, 1.1));
      std::vector<Matrix> means;
      std::vector<Vector> variances;
      for (int k = 0; k < objectives; ++k) {
        means.push_back(Matrix::Constant(1, 1, 0.6 * rng.uniform()));
        variances.push_back(Vector::Constant(1, 0.01 + 0.05 * rng.uniform()));
      }
      const double got =
          std::exp(log_expected_hypervolume_improvement(means, variances, {&boxes, 1})[0].value[0]);
      double sum = 0, square = 0;
      constexpr int draws = 40000;
      for (int i = 0; i < draws; ++i) {
        Eigen::RowVectorXd y(objectives);
        for (int k = 0; k < objectives; ++k)
          y[k] = means[k](0, 0) + std::sqrt(variances[k][0]) * rng.normal();
        const double g = gain(boxes, y);
        sum += g;
        square += g * g;
      }
      const double mean = sum / draws;
      const double error = std::sqrt((square / draws - mean * mean) / draws);
      CHECK(std::fabs(got - mean) < 5 * error + 1e-9);
    });
  }
}

TEST_CASE("log EHVI's derivatives are those of its values, also far from the front") {
  for (const double far : {0.0, 3.0, 30.0}) {
    CAPTURE(far);
    testing::for_seeds(3, [&](Rng& rng) {
      const Boxes boxes[] = {undominated(random_points(rng, 5, 2), Vector::Constant(2, 1.1)),
                             undominated(random_points(rng, 3, 2), Vector::Constant(2, 1.2))};
      std::vector<Matrix> means = {random_points(rng, 2, 2), random_points(rng, 2, 2)};
      means[0].array() += far;
      std::vector<Vector> variances = {Vector::Constant(2, 0.04), Vector::Constant(2, 0.09)};
      const auto value = [&] {
        return log_expected_hypervolume_improvement(means, variances, boxes)[0].value;
      };
      const auto scores = log_expected_hypervolume_improvement(means, variances, boxes);
      REQUIRE(scores[0].value.allFinite());
      const auto slope = [&](double& at, Eigen::Index point) {
        const double was = at, step = 1e-6;
        at = was + step;
        const double up = value()[point];
        at = was - step;
        const double down = value()[point];
        at = was;
        return (up - down) / (2 * step);
      };
      for (std::size_t k = 0; k < 2; ++k)
        for (Eigen::Index i = 0; i < 2; ++i) {
          for (Eigen::Index s = 0; s < 2; ++s)
            CHECK(scores[k].by_mean(i, s) ==
                  doctest::Approx(slope(means[k](i, s), i)).epsilon(1e-4));
          CHECK(scores[k].by_variance[i] ==
                doctest::Approx(slope(variances[k][i], i)).epsilon(1e-4));
        }
    });
  }
}
