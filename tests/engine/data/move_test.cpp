#include "engine/data/move.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "core/hash.h"
#include "engine/data/dataset.h"
#include "tests/engine/data/files.h"

namespace vernier::engine {
namespace {

using testing::refusal_of;
using testing::says;

const std::vector<int> image{6, 5, 2};
constexpr std::size_t features = 60;

std::vector<float> counted(std::size_t n) {
  std::vector<float> x(n);
  std::iota(x.begin(), x.end(), 0.0f);
  return x;
}

TEST_CASE(
    "every image moves as a whole by at most so many pixels, its border continued, and all moves "
    "occur") {
  const int n = 500;
  const auto before = counted(n * features);
  auto after = before;
  shift_images(after, image, 1, 3, 0);
  std::vector<int> moves(9);
  for (int k = 0; k < n; ++k) {
    int found = -1;
    for (int down = -1; down <= 1; ++down) {
      for (int right = -1; right <= 1; ++right) {
        bool same = true;
        for (int r = 0; r < 6; ++r) {
          for (int c = 0; c < 5; ++c) {
            for (int ch = 0; ch < 2; ++ch) {
              const int from = (std::clamp(r - down, 0, 5) * 5 + std::clamp(c - right, 0, 4)) * 2;
              const auto base = static_cast<std::size_t>(k) * features;
              same = same && after[base + static_cast<std::size_t>((r * 5 + c) * 2 + ch)] ==
                                 before[base + static_cast<std::size_t>(from + ch)];
            }
          }
        }
        if (same) found = (down + 1) * 3 + right + 1;
      }
    }
    REQUIRE(found >= 0);
    ++moves[static_cast<std::size_t>(found)];
  }
  for (const int count : moves) CHECK(count > 25);  // 56 expected, deviation 7
  auto again = before;
  shift_images(again, image, 1, 3, 0);
  CHECK(again == after);
  shift_images(again = before, image, 1, 3, 1);
  CHECK(again != after);
}

TEST_CASE("one permutation for all examples; the channels of a pixel stay together") {
  auto x = counted(2 * features);
  permute_pixels(x, image, 7);
  std::vector<float> sorted(x.begin(), x.begin() + features);
  CHECK(sorted != counted(features));
  for (std::size_t i = 0; i < features; ++i) {
    CHECK(x[features + i] == x[i] + features);
    if (i % 2 == 1) CHECK(x[i] == x[i - 1] + 1);
  }
  std::sort(sorted.begin(), sorted.end());
  CHECK(sorted == counted(features));
  auto other = counted(2 * features);
  permute_pixels(other, image, 8);
  CHECK(other != x);
}

TEST_CASE("data.shift leaves the training part as it is; data.permute moves all alike") {
  DataSettings settings;
  settings.normalize = "none";
  settings.train = 200;
  settings.valid = settings.test = 50;
  const auto load = [&] { return load_dataset(settings, {}, null_log()); };
  const Dataset base = load();
  settings.shift = 3;
  const Dataset shifted = load();
  CHECK(shifted.train.x == base.train.x);
  CHECK(shifted.valid.x != base.valid.x);
  CHECK(shifted.test.x != base.test.x);
  CHECK(shifted.test.labels == base.test.labels);
  settings.shift = 0;
  settings.permute = true;
  const Dataset permuted = load();
  for (const auto part : {&Dataset::train, &Dataset::valid, &Dataset::test}) {
    auto expected = (base.*part).x;
    permute_pixels(expected, base.shape, settings.split_seed);
    CHECK((permuted.*part).x == expected);
  }
  settings = {};
  settings.set = "moons";
  settings.shift = 1;
  says(refusal_of(load), "[data.shift] 1 with 'moons', whose examples are no images");
}

TEST_CASE("folds: every training example is in exactly one validation part, each class evenly") {
  DataSettings settings;
  settings.normalize = "none";
  settings.folds = 4;
  settings.test = 10;
  std::vector<float> all;
  for (settings.fold = 0; settings.fold < 4; ++settings.fold) {
    const Dataset data = load_dataset(settings, {}, null_log());
    CHECK(data.valid.n == 3500);
    CHECK(data.train.n == 10500);
    std::vector<int> count(10);
    for (const std::int32_t label : data.valid.labels) ++count[static_cast<std::size_t>(label)];
    for (const int c : count) CHECK(c == 350);
    // An image by a sum that hardly another one has.
    for (int i = 0; i < 3500; ++i) {
      double sum = 0;
      for (std::size_t f = 0; f < 784; ++f)
        sum += static_cast<double>(data.valid.x[static_cast<std::size_t>(i) * 784 + f]) *
               static_cast<double>(f + 1);
      all.push_back(static_cast<float>(sum));
    }
  }
  std::sort(all.begin(), all.end());
  const auto repeated = all.end() - std::unique(all.begin(), all.end());
  CHECK(repeated < 20);
}

TEST_CASE("too many folds, and styles of other sets, are refused") {
  DataSettings settings;
  const auto load = [&] { return load_dataset(settings, {}, null_log()); };
  settings.set = "moons";
  settings.n = 12;
  settings.folds = 7;
  says(refusal_of(load), "[data.folds] 7 folds of the 12 training examples of 'moons'");
  settings.folds = 0;
  settings.style = "street";
  says(refusal_of(load),
       "[data.style] data set 'moons' does not take it; expected only with set: digits");
}

TEST_CASE(
    "digits of the street: 32 x 32 x 3, all digits alike, in colours, bits that never change") {
  DataSettings settings;
  settings.style = "street";
  settings.normalize = "none";
  const Dataset data = load_dataset(settings, {}, null_log());
  CHECK(data.shape == std::vector<int>{32, 32, 3});
  CHECK(data.train.n == 12000);
  CHECK(data.test.n == 4000);
  std::vector<int> count(10);
  for (const std::int32_t label : data.train.labels) ++count[static_cast<std::size_t>(label)];
  for (const int c : count) CHECK(c == 1200);
  double colour = 0, spread = 0;
  for (std::size_t i = 0; i < data.test.x.size(); i += 3) {
    colour += std::fabs(data.test.x[i] - data.test.x[i + 2]);
    spread += std::fabs(data.test.x[i] - 128);
  }
  const double pixels = static_cast<double>(data.test.x.size()) / 3;
  CHECK(colour / pixels > 30);
  CHECK(spread / pixels > 30);
  CHECK(content_hash(std::as_bytes(std::span(data.test.x))) == "aad22ce90557303813c2a20948b862ad");
}

}  // namespace
}  // namespace vernier::engine
