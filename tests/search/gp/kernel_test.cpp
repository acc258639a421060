#include "search/gp/kernel.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/rng.h"

using namespace vernier;
using namespace vernier::search::gp;

namespace {

double direct(double d) {
  const double r = std::sqrt(5 * d);
  return std::exp(-r) * (5 * d / 3 + r + 1);
}

Matrix random_points(int n, int c, std::uint64_t seed) {
  Rng rng({seed, Stream::sampler, 0});
  Matrix out(n, c);
  for (int i = 0; i < n; ++i)
    for (int j = 0; j < c; ++j) out(i, j) = 3 * rng.uniform();
  return out;
}

}  // namespace

TEST_CASE("Matern 5/2 and its derivative by D") {
  Eigen::ArrayXd d(9), value(9), derivative(9);
  d << 0, 1e-12, 1e-6, 0.01, 0.3, 1, 4, 50, 1e4;
  matern52(d, value, derivative);
  CHECK(value[0] == 1.0);
  CHECK(derivative[0] == doctest::Approx(-5.0 / 6).epsilon(1e-14));
  for (int i = 0; i < 9; ++i) {
    CAPTURE(d[i]);
    CHECK(value[i] == doctest::Approx(direct(d[i])).epsilon(1e-13));
    if (d[i] < 1e-6 || d[i] > 100) continue;
    const double h = 1e-5 * d[i];
    CHECK(derivative[i] ==
          doctest::Approx((direct(d[i] + h) - direct(d[i] - h)) / (2 * h)).epsilon(1e-5));
  }
}

TEST_CASE("the kernel matrix, the cross kernel and the screening kernel are one kernel") {
  const Matrix z = random_points(40, 4, 11);
  Matrix value, slope;
  kernel_lower(z, value, slope);
  const Matrix cross = matern52<double>(squared_distances<double>(z, z));
  const MatrixOf<float> zf = z.cast<float>();
  const MatrixOf<float> single = matern52<float>(squared_distances<float>(zf, zf));
  for (int j = 0; j < 40; ++j)
    for (int i = j; i < 40; ++i) {
      const double d = (z.row(i) - z.row(j)).squaredNorm();
      CHECK(value(i, j) == doctest::Approx(direct(d)).epsilon(1e-13));
      CHECK(cross(i, j) == doctest::Approx(direct(d)).epsilon(1e-13));
      CHECK(std::fabs(single(i, j) - direct(d)) < 2e-6);
    }
}

TEST_CASE("points closer than 1e-9 keep their distance") {
  Matrix a(1, 2), b(1, 2);
  a << 900.0, 12.0;
  b << 900.0 + 1e-9, 12.0;
  const double step = b(0, 0) - a(0, 0);
  CHECK(squared_distances<double>(a, b)(0, 0) == step * step);
}
