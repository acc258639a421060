#include "engine/data/prepare.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "core/rng.h"
#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

const std::vector<int> three{3};

TEST_CASE(
    "standardize: mean 0 and deviation 1 per feature; a constant feature becomes 0, in other parts "
    "too") {
  const std::vector<float> train{1, 5, 1000.5f, 3, 5, 1001.5f};
  const Preparation p = fit_preparation("standardize", train, three);
  std::vector<float> x{1, 5, 1000.5f, 3, 7, 1002.5f};
  p.apply(x);
  CHECK(x == std::vector<float>{-1, 0, -1, 1, 0, 3});
}

TEST_CASE("a feature that is constant but for rounding becomes 0 whatever its size") {
  const std::vector<float> train{1e8f, 1e-9f, 0.1f, 1e8f, 2e-9f, 0.1f};
  const Preparation p = fit_preparation("standardize", train, three);
  for (const double scale : p.scale) CHECK(scale == 0);
}

TEST_CASE("minmax: the training part fills [0, 1] per feature; a constant feature becomes 0") {
  const std::vector<float> train{-1, 5, 10, 3, 5, 20};
  std::vector<float> x{1, 9, 25, -1, 5, 10};
  fit_preparation("minmax", train, three).apply(x);
  CHECK(x == std::vector<float>{0.5, 0, 1.5, 0, 0, 0});
}

TEST_CASE("images share statistics over all pixels of a channel") {
  const std::vector<int> image{1, 2, 2};  // two pixels of two channels
  const std::vector<float> train{0, 100, 2, 100, 4, 300, 2, 300};
  std::vector<float> x = train;
  fit_preparation("minmax", train, image).apply(x);
  CHECK(x == std::vector<float>{0, 0, 0.5, 0, 1, 1, 0.5, 1});
  x = train;
  fit_preparation("standardize", train, image).apply(x);
  const float r2 = static_cast<float>(std::sqrt(2.0));
  CHECK(x[0] == doctest::Approx(-r2));
  CHECK(x[1] == doctest::Approx(-1));
  CHECK(x[4] == doctest::Approx(r2));
  CHECK(x[7] == doctest::Approx(1));
}

TEST_CASE("channel_mean moves each channel to mean 0 and keeps its scale") {
  const std::vector<int> image{1, 2, 2};
  std::vector<float> x{0, 100, 2, 100, 4, 300, 2, 300};
  fit_preparation("channel_mean", x, image).apply(x);
  CHECK(x == std::vector<float>{-2, -100, 0, -100, 2, 100, 0, 100});
}

TEST_CASE(
    "per_image: each example by its own mean and deviation, a flat one by 1 / sqrt(features)") {
  std::vector<float> x{1, 2, 3, 6, 5, 5, 5, 5.5f};
  fit_preparation("per_image", x, std::vector<int>{2, 2, 1}).apply(x);
  const double deviation = std::sqrt(14.0 / 4);
  CHECK(x[0] == doctest::Approx(-2 / deviation));
  CHECK(x[3] == doctest::Approx(3 / deviation));
  CHECK(x[7] == doctest::Approx((5.5 - 5.125) / 0.5));
}

TEST_CASE("whiten: as NumPy's eigenvectors give it, for other examples with the same matrix") {
  const Json recorded = testing::fixture("data/whiten.json");
  auto x = recorded["x"].get<std::vector<float>>();
  const auto expected = recorded["y"].get<std::vector<double>>();
  const std::vector<int> shape{recorded["features"].get<int>()};
  const Preparation p = fit_preparation("whiten", x, shape);
  std::vector<float> few(x.begin() + 12, x.begin() + 24);
  p.apply(x);
  p.apply(few);
  for (std::size_t i = 0; i < x.size(); ++i)
    CHECK(static_cast<double>(x[i]) == doctest::Approx(expected[i]).epsilon(1e-3));
  for (std::size_t i = 0; i < few.size(); ++i)
    CHECK(few[i] == doctest::Approx(x[12 + i]).epsilon(1e-5));
}

TEST_CASE(
    "whiten: features become uncorrelated with deviation 1; constant ones become 0; too many are "
    "refused") {
  Rng rng({3, Stream::data, 0});
  std::vector<float> x;
  for (int i = 0; i < 3000; ++i) {
    const double a = rng.normal(), b = rng.normal();
    for (const double value : {3 * a + 10, a + b, 7.0}) x.push_back(static_cast<float>(value));
  }
  fit_preparation("whiten", x, std::vector<int>{3}).apply(x);
  double products[3][3] = {};
  for (std::size_t n = 0; n < 3000; ++n) {
    for (std::size_t i = 0; i < 3; ++i) {
      for (std::size_t j = 0; j < 3; ++j) products[i][j] += x[3 * n + i] * x[3 * n + j] / 3000;
    }
  }
  CHECK(products[0][0] == doctest::Approx(1).epsilon(0.001));
  CHECK(products[1][1] == doctest::Approx(1).epsilon(0.001));
  CHECK(std::fabs(products[0][1]) < 0.001);
  CHECK(products[2][2] < 1e-6);
  const std::vector<float> wide(4000);
  CHECK_THROWS_WITH_AS(fit_preparation("whiten", wide, std::vector<int>{4000}),
                       doctest::Contains("expected at most 3072"), UsageError);
}

TEST_CASE("none leaves everything as it is; an unknown name is refused") {
  std::vector<float> x{1, 2, 3};
  fit_preparation("none", x, three).apply(x);
  CHECK(x == std::vector<float>{1, 2, 3});
  CHECK_THROWS_AS(fit_preparation("standard", x, three), UsageError);
}

}  // namespace
}  // namespace vernier::engine
