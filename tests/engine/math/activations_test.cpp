#include "engine/math/activations.h"

#include <doctest/doctest.h>

#include <set>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

TEST_CASE("activations and their derivatives equal PyTorch's") {
  const Json recorded = testing::fixture("math.json");
  const auto inputs = recorded["inputs"].get<std::vector<double>>();
  for (const auto& [name, expected] : recorded["activations"].items()) {
    const Activation a = activation_from_name(name).value();
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      CAPTURE(name);
      CAPTURE(inputs[i]);
      const double y = activate(a, inputs[i]);
      // The derivative comes from the output, so that its error is relative to 1, not to the slope.
      CHECK(y == doctest::Approx(expected["values"][i].get<double>()).epsilon(1e-13));
      CHECK(activate_slope(a, inputs[i], y) ==
            doctest::Approx(expected["slopes"][i].get<double>()).epsilon(1e-13));
      const float narrow = activate(a, static_cast<float>(inputs[i]));
      CHECK(narrow == doctest::Approx(y).epsilon(1e-5).scale(1e-5));
    }
  }
}

TEST_CASE("the derivative equals the central difference of the value") {
  constexpr double h = 1e-6;
  for (const ActivationInfo& info : activation_table) {
    if (!info.trainable) continue;
    for (double x = -4.05; x < 4; x += 0.3) {
      const double difference = (activate(info.id, x + h) - activate(info.id, x - h)) / (2 * h);
      CAPTURE(info.name);
      CAPTURE(x);
      CHECK(activate_slope(info.id, x, activate(info.id, x)) ==
            doctest::Approx(difference).epsilon(1e-7));
    }
  }
}

TEST_CASE("the table is in the order of the enumeration and its names are different") {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < activation_table.size(); ++i) {
    CHECK(static_cast<std::size_t>(activation_table[i].id) == i);
    CHECK(activation_from_name(activation_table[i].name) == activation_table[i].id);
    names.insert(activation_table[i].name);
  }
  CHECK(names.size() == activation_table.size());
  CHECK(!activation_from_name("rleu"));
}

TEST_CASE("relu passes a NaN on, so that a diverged lane is seen") {
  CHECK(std::isnan(activate(Activation::relu, std::nan(""))));
}

TEST_CASE("threshold is 1 from 0 on") {
  CHECK(activate(Activation::threshold, 0.0) == 1.0);
  CHECK(activate(Activation::threshold, -1e-300) == 0.0);
}

}  // namespace
}  // namespace vernier::engine
