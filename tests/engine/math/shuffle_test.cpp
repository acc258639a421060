#include "engine/math/shuffle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "engine/math/dropout.h"

namespace vernier::engine {
namespace {

TEST_CASE("a shuffle is a permutation, whatever n") {
  for (const std::uint32_t n : {1u, 2u, 3u, 4u, 5u, 16u, 17u, 64u, 65u, 1000u, 50000u}) {
    for (std::uint32_t epoch = 0; epoch < 3; ++epoch) {
      const Shuffle shuffle = make_shuffle({9, Stream::order, 0}, epoch, n);
      std::vector<int> seen(n);
      for (std::uint32_t i = 0; i < n; ++i) {
        const std::uint32_t at = shuffle(i);
        REQUIRE(at < n);
        ++seen[at];
      }
      for (const int times : seen) REQUIRE(times == 1);
    }
  }
}

TEST_CASE("epochs, seeds and repeats have different orders that are alike at random") {
  constexpr std::uint32_t n = 1000;
  const Shuffle first = make_shuffle({9, Stream::order, 0}, 0, n);
  const Shuffle others[] = {make_shuffle({9, Stream::order, 0}, 1, n),
                            make_shuffle({10, Stream::order, 0}, 0, n),
                            make_shuffle({9, Stream::order, 1}, 0, n)};
  for (const Shuffle& other : others) {
    int equal = 0;
    for (std::uint32_t i = 0; i < n; ++i) equal += first(i) == other(i);
    CHECK(equal < 10);  // 1 expected, Poisson
  }
}

TEST_CASE("each value is as likely at each place") {
  // 8 places and values, 8,000 keys: chi-square with 49 degrees of freedom; 99.99 % lie below 95.
  constexpr std::uint32_t n = 8;
  constexpr int keys = 8000;
  std::vector<int> count(n * n);
  for (std::uint32_t k = 0; k < keys; ++k) {
    const Shuffle shuffle = make_shuffle({77, Stream::order, 0}, k, n);
    for (std::uint32_t i = 0; i < n; ++i) ++count[i * n + shuffle(i)];
  }
  double chi2 = 0;
  for (const int c : count) chi2 += (c - 1000.0) * (c - 1000.0) / 1000.0;
  CHECK(chi2 < 95);
}

TEST_CASE("shuffles never change: recorded orders") {
  const std::vector<std::uint32_t> expected{5, 4, 3, 2, 0, 1, 6, 8, 9, 7};
  const Shuffle shuffle = make_shuffle({42, Stream::order, 0}, 3, 10);
  std::vector<std::uint32_t> order;
  for (std::uint32_t i = 0; i < 10; ++i) order.push_back(shuffle(i));
  CHECK(order == expected);
  CHECK(make_shuffle({42, Stream::order, 2}, 0, 50000)(12345) == 13446);
}

TEST_CASE("dropout keeps the share 1 - p and scales what it keeps") {
  const std::uint32_t threshold = dropout_threshold(0.3);
  int dropped = 0;
  constexpr int n = 100000;
  for (std::uint64_t e = 0; e < n; ++e) {
    const float scale = keep_scale({1, Stream::dropout, 0}, 2, 5, e, threshold, 1 / 0.7f);
    dropped += scale == 0.0f;
    REQUIRE((scale == 0.0f || scale == 1 / 0.7f));
  }
  CHECK(std::fabs(dropped - 30000) < 5 * std::sqrt(n * 0.21));
  CHECK(dropout_threshold(0) == 0);
  int same = 0;
  for (std::uint64_t e = 0; e < 1000; ++e) {
    same += (keep_scale({1, Stream::dropout, 0}, 2, 5, e, threshold, 1) ==
             keep_scale({1, Stream::dropout, 0}, 3, 5, e, threshold, 1));
  }
  CHECK(same < 680);  // 580 expected: masks of two layers are independent
}

}  // namespace
}  // namespace vernier::engine
