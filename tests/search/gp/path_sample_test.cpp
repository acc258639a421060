#include "search/gp/path_sample.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace vernier;
using namespace vernier::search::gp;

namespace {

struct Setting {
  Matrix x;
  Vector y, theta;
  std::vector<char> known;
  Model model;
};

Setting setting() {
  Rng rng({12, Stream::sampler, 0});
  Setting s{Matrix(14, 2), Vector(14), Vector(4), std::vector<char>(14, 1), Model({0, 1})};
  for (int i = 0; i < 14; ++i) {
    for (int j = 0; j < 2; ++j) s.x(i, j) = rng.uniform();
    s.y[i] = std::sin(4 * s.x(i, 0)) - s.x(i, 1);
  }
  s.known[13] = 0;
  s.theta << std::log(0.3), std::log(0.6), std::log(1.2), std::log(1e-3);
  REQUIRE(s.model.update(s.theta, 14, s.x, s.y, s.known));
  return s;
}

}  // namespace

TEST_CASE("drawn functions have the posterior's mean and variance, pending rows left out") {
  Setting s = setting();
  Model without({0, 1});
  REQUIRE(without.update(s.theta, 13, s.x.topRows(13), s.y.head(13), std::vector<char>(13, 1)));
  Rng rng({5, Stream::sampler, 0});
  Matrix q(6, 2);
  for (Eigen::Index i = 0; i < q.size(); ++i) q.data()[i] = rng.uniform();
  q.row(5) = s.x.row(2);
  const Prediction expected = without.predict(q, false);
  constexpr int draws = 1500;
  Vector sum = Vector::Zero(6), square = Vector::Zero(6);
  for (int i = 0; i < draws; ++i) {
    const Vector f = PathSample(s.model, s.x, s.y, rng).value(q, nullptr);
    sum += f;
    square += f.cwiseAbs2();
  }
  for (int i = 0; i < 6; ++i) {
    CAPTURE(i);
    const double mean = sum[i] / draws, variance = square[i] / draws - mean * mean;
    CHECK(std::fabs(mean - expected.mean(i, 0)) <
          5 * std::sqrt(expected.variance[i] / draws) + 1e-3);
    CHECK(variance == doctest::Approx(expected.variance[i]).epsilon(0.2));
  }
}

TEST_CASE("a drawn function's gradient agrees with central differences") {
  Setting s = setting();
  Rng rng({6, Stream::sampler, 0});
  const PathSample f(s.model, s.x, s.y, rng);
  Matrix q(4, 2), gradient;
  for (Eigen::Index i = 0; i < q.size(); ++i) q.data()[i] = rng.uniform();
  CHECK(f.value(q, &gradient) == f.value(q, nullptr));
  for (int j = 0; j < 2; ++j) {
    Matrix up = q, down = q;
    up.col(j).array() += 1e-5;
    down.col(j).array() -= 1e-5;
    const Vector slope = (f.value(up, nullptr) - f.value(down, nullptr)) / 2e-5;
    for (int i = 0; i < 4; ++i) CHECK(gradient(i, j) == doctest::Approx(slope[i]).epsilon(1e-4));
  }
}
