#include "search/gp/model.h"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <functional>

#include "core/rng.h"
#include "search/gp/acquisition.h"
#include "search/gp/doubt.h"

using namespace vernier;
using namespace vernier::search::gp;

namespace {

struct Case {
  Matrix x;
  Vector y, theta;
  std::vector<char> known;
};

Case random_case(int n, std::vector<int> unknown, std::uint64_t seed) {
  Rng rng({seed, Stream::sampler, 0});
  Case c;
  c.x.resize(n, 3);
  c.y.resize(n);
  c.known.assign(n, 1);
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < 3; ++j) c.x(i, j) = rng.uniform();
    c.y[i] = std::sin(5 * c.x(i, 0)) + c.x(i, 1) + 0.1 * rng.normal();
  }
  for (const int i : unknown) c.known[i] = 0;
  c.theta.resize(4);  // two lengthscales, the second for two coordinates
  c.theta << std::log(0.4), std::log(0.9), std::log(1.3), std::log(0.01);
  return c;
}

const std::vector<int> owner = {0, 1, 1};

Matrix dense_kernel(const Case& c, const Matrix& a, const Matrix& b) {
  Vector scale(3);
  for (int j = 0; j < 3; ++j) scale[j] = std::exp(-c.theta[owner[j]]);
  Matrix k(a.rows(), b.rows());
  for (int i = 0; i < a.rows(); ++i)
    for (int j = 0; j < b.rows(); ++j) {
      const double d = ((a.row(i) - b.row(j)).transpose().array() * scale.array()).square().sum();
      const double r = std::sqrt(5 * d);
      k(i, j) = std::exp(c.theta[2]) * (1 + r + r * r / 3) * std::exp(-r);
    }
  return k;
}

Matrix queries(int m) {
  Rng rng({77, Stream::sampler, 0});
  Matrix q(m, 3);
  for (int i = 0; i < m; ++i)
    for (int j = 0; j < 3; ++j) q(i, j) = rng.uniform();
  return q;
}

}  // namespace

TEST_CASE("posterior against a dense solve, pending rows by their mean") {
  for (const std::vector<int>& pending :
       {std::vector<int>{}, std::vector<int>{29}, std::vector<int>{3, 10, 28, 29}}) {
    const Case c = random_case(30, pending, 2);
    Model model(owner);
    REQUIRE(model.update(c.theta, 20, c.x, c.y, c.known));

    std::vector<int> with;
    for (int i = 0; i < 30; ++i)
      if (c.known[i]) with.push_back(i);
    const Matrix xc = c.x(with, Eigen::all);
    const Vector yc = c.y(with);
    const Matrix noise = 0.01 * Matrix::Identity(30, 30);
    const Matrix inverse_c =
        (dense_kernel(c, xc, xc) + noise.topLeftCorner(xc.rows(), xc.rows())).inverse();
    const Matrix inverse_all = (dense_kernel(c, c.x, c.x) + noise).inverse();
    const Vector ones = Vector::Ones(xc.rows());
    const double m = ones.dot(inverse_c * yc) / ones.dot(inverse_c * ones);
    const Vector alpha = inverse_c * (yc - m * ones);

    const Matrix q = queries(25);
    const Prediction p = model.predict(q, false);
    const Matrix k_c = dense_kernel(c, xc, q), k_all = dense_kernel(c, c.x, q);
    CHECK(model.mean() == doctest::Approx(m).epsilon(1e-9));
    for (int i = 0; i < 25; ++i) {
      CHECK(p.mean(i, 0) == doctest::Approx(m + k_c.col(i).dot(alpha)).epsilon(1e-8));
      CHECK(p.variance[i] ==
            doctest::Approx(1.3 - k_all.col(i).dot(inverse_all * k_all.col(i))).epsilon(1e-7));
    }
    const Prediction rows = model.predict(c.x, false);
    for (int i = 0; i < 30; ++i)
      CHECK(model.row_means()(i, 0) == doctest::Approx(rows.mean(i, 0)).epsilon(1e-8));
  }
}

TEST_CASE(
    "a model that grew trial by trial equals one made at once from the same base, bit for bit") {
  const Case c = random_case(60, {57, 59}, 8);
  Model grown(owner);
  for (int n = 25; n <= 60; ++n) {
    std::vector<char> known(c.known.begin(), c.known.begin() + n);
    known[n - 1] = 0;
    REQUIRE(grown.update(c.theta, 25, c.x.topRows(n), c.y.head(n), known));
  }
  REQUIRE(grown.update(c.theta, 25, c.x, c.y, c.known));
  Model fresh(owner);
  REQUIRE(fresh.update(c.theta, 25, c.x, c.y, c.known));
  const Matrix q = queries(40);
  const Prediction a = grown.predict(q, true), b = fresh.predict(q, true);
  CHECK(a.mean == b.mean);
  CHECK(a.variance == b.variance);
  CHECK(a.solved == b.solved);
  CHECK(grown.row_means() == fresh.row_means());
}

/// E of doubt.h.
Matrix dense_departures(const Case& c, const Vector& doubt) {
  Matrix out = dense_kernel(c, c.x, c.x) / 1.3;
  for (Eigen::Index i = 0; i < out.rows(); ++i)
    for (Eigen::Index j = 0; j < out.cols(); ++j)
      out(i, j) = std::min(doubt[i], doubt[j]) *
                  (shared_doubt * out(i, j) + (i == j ? 1 - shared_doubt : 0.0));
  return out;
}

TEST_CASE("doubts of rows against a dense solve; a change of one is noticed") {
  const Case c = random_case(30, {12, 28}, 2);
  Vector doubt = Vector::LinSpaced(30, 0.0, 0.6);
  Model model(owner);
  REQUIRE(model.update(c.theta, 20, c.x, c.y, c.known));
  REQUIRE(model.update(c.theta, 20, c.x, c.y, c.known, {}, doubt.reverse()));
  REQUIRE(model.update(c.theta, 20, c.x, c.y, c.known, {}, doubt));
  std::vector<int> with;
  for (int i = 0; i < 30; ++i)
    if (c.known[i]) with.push_back(i);
  const Matrix xc = c.x(with, Eigen::all), q = queries(25);
  const Vector yc = c.y(with), ones = Vector::Ones(xc.rows());
  Matrix a = dense_kernel(c, xc, xc), all = dense_kernel(c, c.x, c.x);
  const Matrix departures = dense_departures(c, doubt);
  a += departures(with, with);
  a.diagonal().array() += 0.01;
  all += departures;
  all.diagonal().array() += 0.01;
  const Matrix inverse = a.inverse(), inverse_all = all.inverse();
  const double m = ones.dot(inverse * yc) / ones.dot(inverse * ones);
  const Matrix k = dense_kernel(c, xc, q), k_all = dense_kernel(c, c.x, q);
  const Vector expected = (k.transpose() * inverse * (yc - m * ones)).array() + m;
  const Prediction p = model.predict(q, false), rows = model.predict(c.x, false);
  for (int i = 0; i < 25; ++i) {
    CHECK(p.mean(i, 0) == doctest::Approx(expected[i]).epsilon(1e-8));
    CHECK(p.variance[i] ==
          doctest::Approx(1.3 - k_all.col(i).dot(inverse_all * k_all.col(i))).epsilon(1e-7));
  }
  for (int i = 0; i < 30; ++i)
    CHECK(model.row_means()(i, 0) == doctest::Approx(rows.mean(i, 0)).epsilon(1e-8));
}

TEST_CASE("what results are off by is drawn with the covariance of noise and departures") {
  const Case c = random_case(12, {}, 2);
  const Vector doubt = Vector::LinSpaced(12, 0.0, 0.6).reverse();
  Model model(owner);
  REQUIRE(model.update(c.theta, 12, c.x, c.y, c.known, {}, doubt));
  constexpr int draws = 20000;
  Rng rng({9, Stream::sampler, 0});
  Matrix sum = Matrix::Zero(12, 12);
  for (int i = 0; i < draws; ++i) {
    const Vector draw = model.draw_noise(rng);
    sum += draw * draw.transpose();
  }
  Matrix expected = dense_departures(c, doubt);
  expected.diagonal().array() += 0.01;
  CHECK((sum / draws - expected).cwiseAbs().maxCoeff() < 0.03);
}

TEST_CASE("a changed earlier row is noticed") {
  Case c = random_case(20, {}, 8);
  Model model(owner);
  REQUIRE(model.update(c.theta, 10, c.x, c.y, c.known));
  c.x(4, 1) += 0.3;
  REQUIRE(model.update(c.theta, 10, c.x, c.y, c.known));
  Model fresh(owner);
  REQUIRE(fresh.update(c.theta, 10, c.x, c.y, c.known));
  CHECK(model.predict(queries(5), false).mean == fresh.predict(queries(5), false).mean);
}

TEST_CASE("gradients of mean, variance and the acquisitions agree with central differences") {
  const Case c = random_case(30, {11, 28}, 2);
  Model model(owner);
  Matrix normals(2, 3);
  normals << 0.3, -1.2, 0.8, 1.5, -0.1, -0.6;
  for (const Matrix& draws : {Matrix(), normals}) {
    REQUIRE(model.update(c.theta, 30, c.x, c.y, c.known, draws));
    const Eigen::Index count = std::max<Eigen::Index>(draws.cols(), 1);
    const Vector best = model.row_means().colwise().minCoeff().transpose();
    using Of = std::function<Score(const Prediction&)>;
    const std::vector<Of> scores = {
        [](const Prediction& p) {
          return Score{p.mean.rowwise().sum(), Matrix::Ones(p.mean.rows(), p.mean.cols()),
                       Vector::Zero(p.mean.rows())};
        },
        [](const Prediction& p) {
          return Score{p.variance, Matrix::Zero(p.mean.rows(), p.mean.cols()),
                       Vector::Ones(p.mean.rows())};
        },
        [&](const Prediction& p) { return log_expected_improvement(p.mean, p.variance, best); },
        [](const Prediction& p) { return confidence_bound(p.mean, p.variance); }};
    const Matrix q = queries(6);
    const Prediction at = model.predict(q, true);
    REQUIRE(at.mean.cols() == count);
    for (const Of& of : scores) {
      const Score score = of(at);
      const Matrix gradient = model.gradient(at, score.by_mean, score.by_variance);
      for (int j = 0; j < 3; ++j) {
        Matrix up = q, down = q;
        up.col(j).array() += 1e-5;
        down.col(j).array() -= 1e-5;
        const Vector slope =
            (of(model.predict(up, false)).value - of(model.predict(down, false)).value) / 2e-5;
        for (int i = 0; i < 6; ++i)
          CHECK(gradient(i, j) == doctest::Approx(slope[i]).epsilon(1e-4));
      }
    }
  }
}

TEST_CASE("draws of pending results have their joint posterior, and are conditioned on") {
  const Case c = random_case(25, {6, 20, 24}, 5);
  Rng rng({3, Stream::sampler, 0});
  Matrix normals(3, 4000);
  for (Eigen::Index i = 0; i < normals.size(); ++i) normals.data()[i] = rng.normal();
  Model model(owner), mean(owner);
  REQUIRE(model.update(c.theta, 25, c.x, c.y, c.known, normals));
  REQUIRE(mean.update(c.theta, 25, c.x, c.y, c.known));

  const Matrix q = queries(5);
  const Prediction drawn = model.predict(q, false), plain = mean.predict(q, false);
  CHECK(drawn.variance == plain.variance);
  Matrix known_only = c.x(std::vector<int>{0,  1,  2,  3,  4,  5,  7,  8,  9,  10, 11,
                                           12, 13, 14, 15, 16, 17, 18, 19, 21, 22, 23},
                          Eigen::all);
  Matrix a = dense_kernel(c, known_only, known_only);
  a.diagonal().array() += 0.01;
  const Matrix k = dense_kernel(c, known_only, q);
  for (int i = 0; i < 5; ++i) {
    // The law of total variance: without the pending trials = given them + of the mean over their draws.
    const double centre = drawn.mean.row(i).mean();
    const double spread = (drawn.mean.row(i).array() - centre).square().mean();
    const double whole = 1.3 - k.col(i).dot(a.inverse() * k.col(i));
    CHECK(std::fabs(centre - plain.mean(i, 0)) < 0.08);
    CHECK(spread + drawn.variance[i] == doctest::Approx(whole).epsilon(0.08));
  }
  // The rows' means are what the model predicts there.
  const Prediction rows = model.predict(c.x, false);
  CHECK((rows.mean - model.row_means()).cwiseAbs().maxCoeff() < 1e-7);
}

TEST_CASE("screening in single precision ranks as the double posterior does") {
  const Case c = random_case(50, {}, 6);
  Model model(owner);
  REQUIRE(model.update(c.theta, 50, c.x, c.y, c.known));
  const Matrix q = queries(600);
  Eigen::MatrixXf mean;
  Eigen::VectorXf variance;
  model.screen(q.cast<float>(), mean, variance);
  const Prediction p = model.predict(q, false);
  CHECK((mean.cast<double>() - p.mean).cwiseAbs().maxCoeff() < 1e-3);
  CHECK((variance.cast<double>() - p.variance).cwiseAbs().maxCoeff() < 1e-3);
}

TEST_CASE("a pending row takes variance away around it and leaves the mean") {
  Case c = random_case(20, {19}, 3);
  Model with(owner), without(owner);
  REQUIRE(with.update(c.theta, 20, c.x, c.y, c.known));
  const std::vector<char> known(19, 1);
  REQUIRE(without.update(c.theta, 19, c.x.topRows(19), c.y.head(19), known));
  const Matrix at = c.x.row(19);
  CHECK(with.predict(at, false).variance[0] < 0.05 * without.predict(at, false).variance[0] + 0.02);
  CHECK(with.predict(at, false).mean(0, 0) ==
        doctest::Approx(without.predict(at, false).mean(0, 0)));
}
