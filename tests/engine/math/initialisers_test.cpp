#include "engine/math/initialisers.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

constexpr RngKey key{42, Stream::init, 0};

TEST_CASE("gains equal torch.nn.init.calculate_gain") {
  const Json recorded = testing::fixture("math.json");
  for (const auto& [name, gain] : recorded["gains"].items()) {
    CAPTURE(name);
    CHECK(activation_gain(activation_from_name(name).value()) ==
          doctest::Approx(gain.get<double>()).epsilon(1e-14));
  }
}

TEST_CASE("drawn weights have the mean, deviation and bounds of their formulas") {
  struct Case {
    Initialiser init;
    double deviation;
  };
  const double gain = std::sqrt(2.0);
  const Case cases[] = {{Initialiser::uniform, 1 / std::sqrt(300.0) / std::sqrt(3.0)},
                        {Initialiser::glorot_uniform, gain * std::sqrt(2.0 / 400)},
                        {Initialiser::glorot_normal, gain * std::sqrt(2.0 / 400)},
                        {Initialiser::he_uniform, gain / std::sqrt(300.0)},
                        {Initialiser::he_normal, gain / std::sqrt(300.0)},
                        {Initialiser::lecun_uniform, 1 / std::sqrt(300.0)},
                        {Initialiser::lecun_normal, 1 / std::sqrt(300.0)}};
  constexpr int n = 40000;
  for (const Case& test : cases) {
    const InitRule rule = init_rule(test.init, Activation::relu, 300, 100, std::nullopt);
    double sum = 0, squares = 0, most = 0;
    for (int i = 0; i < n; ++i) {
      const double w = initial_weight(rule, key, 3, static_cast<std::uint64_t>(i));
      sum += w;
      squares += w * w;
      most = std::max(most, std::fabs(w));
    }
    CAPTURE(static_cast<int>(test.init));
    // Four standard errors of the mean, and 2 % (five standard errors and more) of the deviation.
    CHECK(std::fabs(sum / n) < 4 * test.deviation / std::sqrt(n));
    CHECK(std::sqrt(squares / n) == doctest::Approx(test.deviation).epsilon(0.02));
    if (rule.kind == InitRule::Kind::uniform) CHECK(most <= rule.scale);
    if (rule.kind == InitRule::Kind::normal) CHECK(most > 3 * rule.scale);
  }
}

TEST_CASE("a given gain replaces that of the activation") {
  CHECK(init_rule(Initialiser::he_normal, Activation::relu, 4, 9, 3.0).scale == 1.5);
  CHECK(init_rule(Initialiser::uniform, Activation::relu, 4, 9, 0.25).scale == 0.25);
  CHECK(init_rule(Initialiser::constant, Activation::relu, 4, 9, 0.5).scale == 0.5);
  CHECK(init_rule(Initialiser::zeros, Activation::relu, 4, 9, 0.5).scale == 0.0);
}

TEST_CASE("an element depends on seed, repeat, tensor and index alone") {
  const InitRule rule = init_rule(Initialiser::he_normal, Activation::relu, 4, 9, std::nullopt);
  const float w = initial_weight(rule, key, 1, 7);
  CHECK(w == initial_weight(rule, key, 1, 7));
  CHECK(w != initial_weight(rule, key, 1, 8));
  CHECK(w != initial_weight(rule, key, 2, 7));
  CHECK(w != initial_weight(rule, {43, Stream::init, 0}, 1, 7));
  CHECK(w != initial_weight(rule, {42, Stream::init, 1}, 1, 7));
}

TEST_CASE("initial weights never change: recorded values") {
  const InitRule normal{InitRule::Kind::normal, 1.0};
  const InitRule uniform{InitRule::Kind::uniform, 1.0};
  CHECK(initial_weight(normal, key, 0, 0) == -0x1.1a8bd2p+1f);
  CHECK(initial_weight(normal, key, 5, 123456789012) == 0x1.105c04p-1f);
  CHECK(initial_weight(uniform, key, 0, 0) == 0x1.a8e29cp-1f);
}

TEST_CASE("names, the short ones too") {
  CHECK(initialiser_from_name("he") == Initialiser::he_normal);
  CHECK(initialiser_from_name("glorot") == Initialiser::glorot_uniform);
  CHECK(initialiser_from_name("lecun") == Initialiser::lecun_normal);
  CHECK(!initialiser_from_name("xavier"));
  CHECK(default_initialiser(Activation::relu) == Initialiser::he_normal);
  CHECK(default_initialiser(Activation::tanh) == Initialiser::glorot_uniform);
}

}  // namespace

TEST_CASE(
    "a kernel given by hand is the image filter it names, whatever the window and the inputs") {
  const RngKey key{1, Stream::init, 0};
  for (const HandKernelInfo& info : hand_kernel_table) {
    for (const KernelShape& shape : {KernelShape{3, 3, 1, 1}, {5, 5, 3, 2}, {4, 6, 2, 3}}) {
      CAPTURE(info.name);
      const InitRule rule = kernel_rule(info.kernel, shape, 2.0);
      std::uint64_t element = 0;
      for (int row = 0; row < shape.height; ++row) {
        for (int column = 0; column < shape.width; ++column) {
          // from the middle, which lies above and left of an even window's centre
          const int dy = row - (shape.height - 1) / 2, dx = column - (shape.width - 1) / 2;
          const bool inside = dy >= -1 && dy <= 1 && dx >= -1 && dx <= 1;
          const double of_one =
              inside ? info.kernel[static_cast<std::size_t>(3 * (dy + 1) + dx + 1)] : 0.0;
          for (int k = 0; k < shape.inputs * shape.filters; ++k, ++element)
            CHECK(initial_weight(rule, key, 3, element) ==
                  static_cast<float>(2.0 / shape.inputs * of_one));
        }
      }
    }
  }
  CHECK(hand_kernel_from_name("blurr") == std::nullopt);
}

TEST_CASE("edge answers nothing and blur and sharpen the same to a flat image") {
  const auto sum = [](const char* name) {
    double total = 0;
    const HandKernel kernel = hand_kernel_from_name(name).value();
    for (double x : kernel) total += x;
    return total;
  };
  CHECK(sum("edge") == 0);
  CHECK(sum("sharpen") == 1);
  CHECK(sum("blur") == doctest::Approx(1));
}

}  // namespace vernier::engine
