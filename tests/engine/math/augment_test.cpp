#include "engine/math/augment.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/engine/math/fixtures.h"

namespace vernier::engine {
namespace {

constexpr RngKey key{42, Stream::augment, 0};

AugmentRule rule_of(int height, int width, int channels) {
  AugmentRule rule;
  rule.height = height;
  rule.width = width;
  rule.channels = channels;
  return rule;
}

std::vector<float> random_image(const AugmentRule& rule, std::uint64_t seed) {
  std::vector<float> image(static_cast<std::size_t>(rule.height * rule.width * rule.channels));
  Rng rng({seed, Stream::data, 0});
  for (float& v : image) v = static_cast<float>(rng.normal());
  return image;
}

std::vector<float> augmented(const AugmentRule& rule, const std::vector<float>& image,
                             std::uint32_t update, std::uint64_t row = 0) {
  std::vector<float> to(image.size(), -77.0f);
  augment_image(rule, key, update, row, image.data(), to.data());
  return to;
}

TEST_CASE("mirrored, cropped, moved and zoomed images are those of torch's grid_sample") {
  const Json recorded = testing::fixture("augment.json");
  AugmentRule rule = rule_of(recorded["height"], recorded["width"], recorded["channels"]);
  const auto image = recorded["from"].get<std::vector<float>>();
  for (const Json& one : recorded["cases"]) {
    CAPTURE(one.dump().substr(0, 90));
    AugmentDraw draw;
    draw.flip = one["flip"];
    draw.down = one["down"];
    draw.right = one["right"];
    draw.step = one["step"];
    draw.shift_y = one["shift_y"];
    draw.shift_x = one["shift_x"];
    const auto expected = one["to"].get<std::vector<double>>();
    // Sampling between pixels, and for whole pixels the copy as well.
    for (const double scale : {0.5, 0.0}) {
      rule.scale = scale;
      const bool whole = draw.step == 1 && draw.shift_y == 0 && draw.shift_x == 0;
      if (scale == 0 && !whole) continue;
      std::size_t i = 0;
      for (int row = 0; row < rule.height; ++row) {
        for (int column = 0; column < rule.width; ++column) {
          for (int c = 0; c < rule.channels; ++c, ++i) {
            CHECK(static_cast<double>(moved_pixel(rule, draw, image.data(), row, column, c)) ==
                  doctest::Approx(expected[i]).epsilon(1e-5));
          }
        }
      }
    }
  }
}

TEST_CASE("draws are uniform in their ranges, and each kind's do not depend on the others") {
  AugmentRule rule = rule_of(32, 32, 3);
  rule.flip = 0.5;
  rule.crop = 4;
  const int n = 20000;
  int flips = 0;
  std::vector<int> down(9), right(9);
  AugmentRule more = rule;
  more.shift = 3;
  more.scale = 0.2;
  more.brightness = 0.5;
  more.contrast = 0.25;
  more.cutout = 8;
  double sums[5] = {}, squares[5] = {};
  for (int i = 0; i < n; ++i) {
    const auto update = static_cast<std::uint32_t>(i / 100);
    const auto row = static_cast<std::uint64_t>(i % 100);
    const AugmentDraw a = draw_augmentation(rule, key, update, row);
    const AugmentDraw b = draw_augmentation(more, key, update, row);
    REQUIRE(a.flip == b.flip);
    REQUIRE(a.down == b.down);
    REQUIRE(a.right == b.right);
    REQUIRE(a.step == 1);
    flips += a.flip;
    ++down.at(static_cast<std::size_t>(a.down + 4));
    ++right.at(static_cast<std::size_t>(a.right + 4));
    const double draws[5] = {(b.step - 1) / 0.2, b.shift_y / 3, b.shift_x / 3, b.brightness / 0.5,
                             (b.contrast - 1) / 0.25};
    for (int k = 0; k < 5; ++k) {
      REQUIRE(std::fabs(draws[k]) <= 1.000001);
      sums[k] += draws[k];
      squares[k] += draws[k] * draws[k];
    }
    REQUIRE(b.cut_row >= -4);
    REQUIRE(b.cut_row < 28);
  }
  CHECK(std::abs(flips - n / 2) < 300);  // deviation 71
  for (const auto& counts : {down, right}) {
    for (const int count : counts) CHECK(std::abs(count - n / 9) < 220);  // deviation 44
  }
  for (int k = 0; k < 5; ++k) {
    CHECK(std::fabs(sums[k] / n) < 0.02);                             // deviation 0.0041
    CHECK(squares[k] / n == doctest::Approx(1.0 / 3).epsilon(0.03));  // of a uniform draw
  }
}

TEST_CASE("probability 1 mirrors every image, 0 none") {
  AugmentRule rule = rule_of(3, 4, 1);
  for (const double p : {0.0, 1.0}) {
    rule.flip = p;
    for (std::uint32_t update = 0; update < 200; ++update)
      CHECK(draw_augmentation(rule, key, update, 0).flip == (p == 1.0));
  }
}

TEST_CASE(
    "contrast and brightness are y = (x - mean) factor + mean + lift; jitter is the channel's "
    "own") {
  AugmentRule rule = rule_of(5, 4, 3);
  rule.contrast = 0.5;
  rule.brightness = 0.7;
  rule.jitter = 0.3;
  const auto image = random_image(rule, 1);
  double mean = 0;
  for (const float v : image) mean += static_cast<double>(v) / static_cast<double>(image.size());
  bool differ = false;
  for (std::uint64_t row = 0; row < 20; ++row) {
    const auto to = augmented(rule, image, 9, row);
    const AugmentDraw draw = draw_augmentation(rule, key, 9, row);
    for (std::size_t i = 0; i < to.size(); ++i) {
      const float lift = channel_jitter(rule, key, 9, row, static_cast<int>(i % 3));
      REQUIRE(std::fabs(lift) <= 0.3f);
      differ = differ || lift != channel_jitter(rule, key, 9, row, 0);
      CHECK(static_cast<double>(to[i]) ==
            doctest::Approx((image[i] - mean) * draw.contrast + mean + draw.brightness + lift)
                .epsilon(1e-5));
    }
  }
  CHECK(differ);
}

TEST_CASE("cutout sets one square to zero, smaller only at the border, and nothing else") {
  AugmentRule rule = rule_of(16, 12, 2);
  rule.cutout = 5;
  const auto image = random_image(rule, 2);
  int whole = 0;
  for (std::uint32_t update = 0; update < 300; ++update) {
    const auto to = augmented(rule, image, update);
    int zeros = 0;
    for (std::size_t i = 0; i < to.size(); ++i) {
      if (to[i] == 0) ++zeros;
      REQUIRE((to[i] == 0 || to[i] == image[i]));
    }
    REQUIRE(zeros >= 3 * 3 * 2);
    REQUIRE(zeros <= 5 * 5 * 2);
    whole += zeros == 50;
  }
  CHECK(whole > 100);  // 12/16 x 8/12 of 300 = 150
  CHECK(whole < 200);
}

TEST_CASE("an image's augmentation depends on update and place, and is the same bits twice") {
  AugmentRule rule = rule_of(8, 8, 3);
  rule.flip = 0.5;
  rule.crop = 2;
  rule.scale = 0.3;
  rule.shift = 1.5;
  rule.brightness = rule.contrast = rule.jitter = 0.2;
  rule.cutout = 3;
  const auto image = random_image(rule, 3);
  const auto one = augmented(rule, image, 5, 7);
  CHECK(one == augmented(rule, image, 5, 7));
  CHECK(one != augmented(rule, image, 6, 7));
  CHECK(one != augmented(rule, image, 5, 8));
  CHECK(!rule_of(8, 8, 3).on());
}

}  // namespace
}  // namespace vernier::engine
