#include "search/gp/fit.h"

#include <doctest/doctest.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <cmath>

#include "core/rng.h"
#include "search/gp/doubt.h"
#include "search/gp/fit_record.h"
#include "search/gp/priors.h"
#include "tests/search/fixtures.h"

using namespace vernier;
using namespace vernier::search;
using namespace vernier::search::gp;

namespace {

/// A draw from the process itself at `theta`.
FitData synthetic(int n, const Vector& theta, std::uint64_t seed) {
  const int d = static_cast<int>(theta.size()) - 2;
  Rng rng({seed, Stream::sampler, 0});
  FitData data;
  data.dimensions = d;
  data.x.resize(n, d);
  for (int j = 0; j < d; ++j) data.owner.push_back(j);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < d; ++j) data.x(i, j) = rng.uniform();
  const Matrix z = data.x * Vector((-theta.head(d)).array().exp()).asDiagonal();
  Matrix a = std::exp(theta[d]) * matern52<double>(squared_distances<double>(z, z));
  a.diagonal().array() += std::exp(theta[d + 1]);
  Vector draw(n);
  for (double& v : draw) v = rng.normal();
  data.y = a.llt().matrixL() * draw;
  return data;
}

Vector theta_of(std::initializer_list<double> values) {
  Vector out(static_cast<Eigen::Index>(values.size()));
  Eigen::Index i = 0;
  for (const double v : values) out[i++] = std::log(v);
  return out;
}

}  // namespace

TEST_CASE("the objective is the definition of the log posterior") {
  const Vector theta = theta_of({0.3, 0.8, 1.4, 0.02});
  const FitData data = synthetic(15, theta, 4);
  const Vector at = theta_of({0.5, 0.6, 0.9, 0.05});
  const Matrix z = data.x * Vector((-at.head(2)).array().exp()).asDiagonal();
  Matrix a = 0.9 * matern52<double>(squared_distances<double>(z, z));
  a.diagonal().array() += 0.05;
  const Matrix inverse = a.inverse();
  const Vector ones = Vector::Ones(15);
  const double m = ones.dot(inverse * data.y) / ones.dot(inverse * ones);
  const Vector r = data.y - m * ones;
  double expected =
      0.5 * r.dot(inverse * r) + 0.5 * std::log(a.determinant()) + 7.5 * std::log(2 * M_PI);
  const double location = std::sqrt(2.0) + 0.5 * std::log(2.0);
  for (const double l : {0.5, 0.6})
    expected -= -std::log(l) - std::pow(std::log(l) - location, 2) / 4.5;
  expected -= std::log(0.9) - 0.9;
  expected -= -std::log(0.05) - std::pow(std::log(0.05) + 4, 2) / 8;
  CHECK(negative_log_posterior(data, at, nullptr) == doctest::Approx(expected).epsilon(1e-10));
}

TEST_CASE(
    "doubts of results are departures that neighbours share: the definition, and central "
    "differences") {
  const Vector theta = theta_of({0.3, 0.8, 1.4, 0.02}), at = theta_of({0.5, 0.6, 0.9, 0.05});
  FitData data = synthetic(15, theta, 4);
  data.doubt = Vector::LinSpaced(15, 0.0, 0.7);
  const Matrix z = data.x * Vector((-at.head(2)).array().exp()).asDiagonal();
  Matrix a = 0.9 * matern52<double>(squared_distances<double>(z, z));
  a.diagonal().array() += 0.05;
  const Matrix kernel = matern52<double>(squared_distances<double>(z, z));
  for (Eigen::Index i = 0; i < 15; ++i)
    for (Eigen::Index j = 0; j < 15; ++j)
      a(i, j) += std::min(data.doubt[i], data.doubt[j]) *
                 (shared_doubt * kernel(i, j) + (i == j ? 1 - shared_doubt : 0.0));
  const Matrix inverse = a.inverse();
  const Vector ones = Vector::Ones(15);
  const double m = ones.dot(inverse * data.y) / ones.dot(inverse * ones);
  const Vector r = data.y - m * ones;
  FitData empty = data;  // the priors alone
  empty.x.resize(0, 2);
  empty.y.resize(0);
  empty.doubt.resize(0);
  const double expected = 0.5 * r.dot(inverse * r) + 0.5 * std::log(a.determinant()) +
                          7.5 * std::log(2 * M_PI) + negative_log_posterior(empty, at, nullptr);
  Vector gradient;
  CHECK(negative_log_posterior(data, at, &gradient) == doctest::Approx(expected).epsilon(1e-10));
  for (Eigen::Index i = 0; i < at.size(); ++i) {
    Vector up = at, down = at;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    const double slope =
        (negative_log_posterior(data, up, nullptr) - negative_log_posterior(data, down, nullptr)) /
        2e-5;
    CHECK(gradient[i] == doctest::Approx(slope).epsilon(1e-6));
  }
}

TEST_CASE("likelihood and gradient agree with scikit-learn to 1e-8") {
  for (const Json& c : testing::fixture("likelihood.json")) {
    const auto lengthscales = c["lengthscales"].get<std::vector<double>>();
    const auto y = c["y"].get<std::vector<double>>();
    const int d = static_cast<int>(lengthscales.size());
    FitData data;
    data.dimensions = d;
    data.x.resize(static_cast<Eigen::Index>(y.size()), d);
    data.y = Vector::Map(y.data(), data.x.rows());
    for (Eigen::Index i = 0; i < data.x.rows(); ++i)
      for (int j = 0; j < d; ++j) data.x(i, j) = c["x"][static_cast<std::size_t>(i)][j];
    Vector theta(d + 2);
    double priors = 0;
    for (int j = 0; j < d; ++j) {
      data.owner.push_back(j);
      theta[j] = std::log(lengthscales[static_cast<std::size_t>(j)]);
    }
    theta[d] = std::log(c["signal"].get<double>());
    theta[d + 1] = std::log(c["noise"].get<double>());
    Vector gradient;
    const double got = negative_log_posterior(data, theta, &gradient);
    Vector slopes(d + 2);
    for (int j = 0; j < d + 2; ++j) {
      const LogDensity prior = j < d    ? lengthscale_prior(theta[j], d)
                               : j == d ? signal_prior(theta[j])
                                        : noise_prior(theta[j]);
      priors += prior.value;
      slopes[j] = prior.slope;
    }
    const double expected = c["value"];
    CHECK(std::fabs(-got - priors - expected) <= 1e-8 * std::max(1.0, std::fabs(expected)));
    for (int j = 0; j < d + 2; ++j) {
      CAPTURE(j);
      const double slope = c["gradient"][static_cast<std::size_t>(j)];
      CHECK(std::fabs(-gradient[j] - slopes[j] - slope) <= 1e-8 * std::max(1.0, std::fabs(slope)));
    }
  }
}

TEST_CASE("the gradient agrees with central differences, shared coordinates included") {
  FitData data = synthetic(40, theta_of({0.3, 0.8, 0.5, 1.4, 0.02}), 9);
  data.owner = {0, 1, 1};  // two coordinates of one parameter
  data.dimensions = 2;
  const Vector theta = theta_of({0.4, 0.7, 1.2, 0.03});
  Vector gradient;
  const double value = negative_log_posterior(data, theta, &gradient);
  CHECK(value == negative_log_posterior(data, theta, nullptr));
  for (int i = 0; i < 4; ++i) {
    CAPTURE(i);
    Vector up = theta, down = theta;
    up[i] += 1e-5;
    down[i] -= 1e-5;
    const double numeric =
        (negative_log_posterior(data, up, nullptr) - negative_log_posterior(data, down, nullptr)) /
        2e-5;
    CHECK(gradient[i] == doctest::Approx(numeric).epsilon(1e-6));
  }
}

TEST_CASE("the fit recovers what made the data") {
  const Vector truth = theta_of({0.2, 2.0, 1.0, 1e-3});
  const FitData data = synthetic(150, truth, 21);
  const Vector fitted = fit_map(data, {default_theta(2)}, 100);
  CHECK(fitted[0] == doctest::Approx(truth[0]).epsilon(0.25));
  CHECK(fitted[1] > fitted[0] + 1);  // the second parameter hardly matters
  CHECK(std::exp(fitted[3]) > 3e-4);
  CHECK(std::exp(fitted[3]) < 3e-3);
  Vector gradient;
  const double least = negative_log_posterior(data, fitted, &gradient);
  CHECK(least <= negative_log_posterior(data, truth, nullptr) + 1e-6);
  CHECK(gradient.cwiseAbs().maxCoeff() < 0.1);
}

TEST_CASE("degenerate data keep the hyperparameters finite and inside their bounds") {
  FitData data = synthetic(12, theta_of({0.3, 0.8, 1.4, 0.02}), 4);
  const auto check = [&] {
    const Vector theta = fit_map(data, {default_theta(2)}, 60);
    CHECK(theta.allFinite());
    CHECK(theta == inside_bounds(theta));
  };
  data.y.setZero();
  check();
  data.x.setConstant(0.5);  // all points equal, values not
  data.y = Vector::LinSpaced(12, -1, 1);
  check();
  data.x = data.x.topRows(1).eval();
  data.y = Vector::Zero(1);
  check();
}

TEST_CASE("a stored fit comes back exactly, others are passed over") {
  FitRecord record{7, 12, 10, theta_of({0.3, 0.8, 1.4, 0.02})};
  History history;
  history.trials.resize(4);
  CHECK_FALSE(last_fit(history, 4));
  history.trials[0].fit = {1.0, 2.0};
  history.trials[1].fit = encode(record);
  history.trials[2].fit = encode(record);
  history.trials[2].fit[4] = std::nan("");
  const auto back = last_fit(history, 4);
  REQUIRE(back);
  CHECK(back->ordinal == 7);
  CHECK(back->rows == 12);
  CHECK(back->results == 10);
  CHECK(back->theta == record.theta);
  CHECK_FALSE(last_fit(history, 5));
}

TEST_CASE("when a fit is due") {
  CHECK_FALSE(fit_is_due(20, 20));
  CHECK(fit_is_due(20, 21));
  CHECK(fit_is_due(49, 50));
  CHECK_FALSE(fit_is_due(50, 54));
  CHECK(fit_is_due(50, 55));
  CHECK_FALSE(fit_is_due(200, 219));
  CHECK(fit_is_due(200, 220));
  CHECK(fit_is_due(200, 150));
}
