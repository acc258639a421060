#include "engine/data/prepare.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"

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

TEST_CASE("none leaves everything as it is; an unknown name is refused") {
  std::vector<float> x{1, 2, 3};
  fit_preparation("none", x, three).apply(x);
  CHECK(x == std::vector<float>{1, 2, 3});
  CHECK_THROWS_AS(fit_preparation("standard", x, three), UsageError);
}

}  // namespace
}  // namespace vernier::engine
