#include "search/gp/cholesky.h"

#include <doctest/doctest.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <limits>

#include "core/rng.h"

using namespace vernier;
using namespace vernier::search::gp;

namespace {

Matrix covariance(int n, std::uint64_t seed, double noise) {
  Rng rng({seed, Stream::sampler, 0});
  Matrix z(n, 3);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < 3; ++j) z(i, j) = 2 * rng.uniform();
  Matrix a = matern52<double>(squared_distances<double>(z, z));
  a.diagonal().array() += noise;
  return a;
}

}  // namespace

TEST_CASE("rows added one by one give the factor of the whole") {
  for (const int n : {2, 7, 40, 130}) {
    const Matrix a = covariance(n, 3, 1e-4);
    Cholesky grown;
    REQUIRE(grown.compute(a.topLeftCorner(n / 2, n / 2)));
    for (int i = n / 2; i < n; ++i) grown.append(a.col(i).head(i), a(i, i));
    const Matrix whole = a.llt().matrixL();
    const Matrix lower = Matrix(grown.lower()).triangularView<Eigen::Lower>();
    CHECK((lower - whole).cwiseAbs().maxCoeff() < 1e-10);
    Vector b = Vector::LinSpaced(n, -1, 1);
    const Vector expected = a.fullPivLu().solve(b);
    grown.solve(b);
    CHECK((b - expected).norm() < 1e-7 * expected.norm());
  }
}

TEST_CASE("the inverse from the factor") {
  for (const int n : {1, 5, 32, 33, 100, 150}) {
    const Matrix a = covariance(n, 5, 1e-2);
    Cholesky factor;
    REQUIRE(factor.compute(a));
    const Matrix inverse = inverse_from_factor(factor.lower());
    CHECK((inverse * a - Matrix::Identity(n, n)).cwiseAbs().maxCoeff() < 1e-9);
    CHECK(inverse == inverse.transpose());
  }
}

TEST_CASE("a singular matrix is factorised with jitter, one with NaN is refused") {
  const Matrix ones = Matrix::Ones(30, 30);
  Cholesky factor;
  REQUIRE(factor.compute(ones));
  CHECK(factor.jitter() > 0);
  CHECK(factor.jitter() < 1e-3);
  factor.append(Vector::Ones(30), 1.0);  // one more duplicate
  CHECK(Matrix(factor.lower()).triangularView<Eigen::Lower>().toDenseMatrix().allFinite());
  Matrix bad = ones;
  bad(3, 2) = std::numeric_limits<double>::quiet_NaN();
  CHECK_FALSE(factor.compute(bad));
}
