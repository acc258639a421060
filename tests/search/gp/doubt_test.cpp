#include "search/gp/doubt.h"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "core/rng.h"

using namespace vernier;
using namespace vernier::search::gp;

TEST_CASE(
    "departures of rows: the definition, and a covariance whatever the doubts, on points that are "
    "close or the same") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    Rng rng({seed, Stream::sampler, 0});
    const Eigen::Index n = 30;
    Matrix z(n, 3);
    Vector doubt(n);
    for (double& v : z.reshaped()) v = (seed % 3 == 0 ? 0.01 : 2.0) * rng.uniform();
    for (double& v : doubt) v = rng.below(4) == 0 ? 0 : std::exp(4 * rng.normal());
    z.row(1) = z.row(0);
    Matrix lower, slope;
    kernel_lower(z, lower, slope);
    const Matrix kernel = lower.selfadjointView<Eigen::Lower>();
    Matrix expected(n, n);
    for (Eigen::Index i = 0; i < n; ++i)
      for (Eigen::Index j = 0; j < n; ++j)
        expected(i, j) = std::min(doubt[i], doubt[j]) *
                         (shared_doubt * kernel(i, j) + (i == j ? 1 - shared_doubt : 0.0));
    const Matrix found = doubt_lower(lower, doubt).selfadjointView<Eigen::Lower>();
    CHECK((found - expected).cwiseAbs().maxCoeff() <= 1e-14 * doubt.maxCoeff());
    const Eigen::SelfAdjointEigenSolver<Matrix> solver(found, Eigen::EigenvaluesOnly);
    CHECK(solver.eigenvalues().minCoeff() >= -1e-12 * static_cast<double>(n) * doubt.maxCoeff());
  }
}
