#include "engine/math/losses.h"

#include <doctest/doctest.h>

#include <array>
#include <vector>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

TEST_CASE("losses and their derivatives equal PyTorch's") {
  const Json recorded = testing::fixture("math.json");
  for (const Json& test : recorded["losses"]) {
    const Loss loss = loss_from_name(test["loss"].get<std::string>()).value();
    const double smoothing = test["smoothing"];
    for (const Json& row : test["rows"]) {
      const auto z = row["logits"].get<std::vector<double>>();
      std::vector<double> dz(z.size(), -1e9);
      const double value =
          class_loss(loss, z.data(), 4, row["label"].get<int>(), smoothing, 1.0, dz.data());
      CAPTURE(test["loss"].get<std::string>());
      CHECK(value == doctest::Approx(row["value"].get<double>()).epsilon(1e-12));
      for (std::size_t k = 0; k < z.size(); ++k) {
        CHECK(dz[k] == doctest::Approx(row["slopes"][k].get<double>()).epsilon(1e-12).scale(1e-12));
      }
    }
  }
}

TEST_CASE(
    "derivatives equal central differences, with one output and several, and carry the scale") {
  constexpr double h = 1e-6;
  for (const LossInfo& info : loss_table) {
    for (const int n : {1, 3}) {
      if (info.id == Loss::cross_entropy && n == 1) continue;
      for (const int label : {0, 1}) {
        std::array<double, 3> z{0.7, -0.4, 1.3};
        std::array<double, 3> dz{};
        class_loss(info.id, z.data(), n, label, 0.1, 0.25, dz.data());
        for (int k = 0; k < n; ++k) {
          auto up = z, down = z;
          up[static_cast<std::size_t>(k)] += h;
          down[static_cast<std::size_t>(k)] -= h;
          double* none = nullptr;
          const double difference = (class_loss(info.id, up.data(), n, label, 0.1, 1.0, none) -
                                     class_loss(info.id, down.data(), n, label, 0.1, 1.0, none)) /
                                    (2 * h);
          CAPTURE(info.name);
          CHECK(dz[static_cast<std::size_t>(k)] ==
                doctest::Approx(0.25 * difference).epsilon(1e-7));
        }
      }
    }
  }
}

TEST_CASE("cross-entropy and binary cross-entropy stay finite for huge logits") {
  for (const float big : {1e4f, 1e30f}) {
    const std::array<float, 3> z{big, -big, 0};
    std::array<float, 3> dz{};
    CHECK(class_loss(Loss::cross_entropy, z.data(), 3, 0, 0.0f, 1.0f, dz.data()) == 0.0f);
    CHECK(class_loss(Loss::cross_entropy, z.data(), 3, 1, 0.0f, 1.0f, dz.data()) ==
          doctest::Approx(2.0 * big));
    CHECK(dz[0] == 1.0f);
    CHECK(dz[1] == -1.0f);
    CHECK(std::isfinite(
        class_loss(Loss::binary_cross_entropy, z.data(), 3, 1, 0.0f, 1.0f, dz.data())));
  }
}

TEST_CASE("the gradient may overwrite the logits") {
  for (const LossInfo& info : loss_table) {
    const std::array<double, 3> z{0.7, -0.4, 1.3};
    std::array<double, 3> apart{}, inside = z;
    class_loss(info.id, z.data(), 3, 2, 0.1, 0.5, apart.data());
    class_loss(info.id, inside.data(), 3, 2, 0.1, 0.5, inside.data());
    CHECK(apart == inside);
  }
}

TEST_CASE("a perceptron learns from zero weights: the boundary counts as wrong") {
  const double z = 0;
  double dz = 0;
  CHECK(class_loss(Loss::perceptron, &z, 1, 1, 0.0, 1.0, &dz) == 0.0);
  CHECK(dz == -1.0);
}

TEST_CASE("numbers: mean squared error over the outputs") {
  const std::array<double, 2> z{1, 4};
  const std::array<float, 2> target{3, 1};
  std::array<double, 2> dz{};
  CHECK(number_loss(z.data(), 2, target.data(), 0.5, dz.data()) == 6.5);
  CHECK(dz[0] == -1.0);
  CHECK(dz[1] == 1.5);
}

TEST_CASE("the predicted class is the first largest; with one output its sign") {
  const std::array<float, 4> z{1, 3, 3, 2};
  CHECK(predicted_class(z.data(), 4) == 1);
  const float minus = -0.1f, plus = 0.1f;
  CHECK(predicted_class(&minus, 1) == 0);
  CHECK(predicted_class(&plus, 1) == 1);
}

}  // namespace
}  // namespace vernier::engine
