#include "core/shuffle.h"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <vector>

namespace vernier {
namespace {

using Order = std::vector<std::uint64_t>;

Order order(std::uint64_t n, const RngKey& key, std::uint32_t epoch) {
  const Shuffle shuffle(n, key, epoch);
  Order result;
  for (std::uint64_t i = 0; i < n; ++i) result.push_back(shuffle(i));
  return result;
}

}  // namespace

TEST_CASE("the orders are the recorded ones") {
  // From a second implementation, in Python.
  CHECK(order(10, {0, Stream::order, 0}, 0) == Order{0, 2, 7, 5, 4, 6, 3, 9, 8, 1});
  CHECK(order(10, {0, Stream::order, 0}, 1) == Order{9, 1, 0, 3, 6, 8, 2, 5, 7, 4});
  CHECK(order(10, {12345678901234567, Stream::order, 3}, 7) == Order{0, 1, 2, 6, 3, 5, 7, 4, 8, 9});
  CHECK(order(17, {1, Stream::order, 0}, 0) ==
        Order{0, 7, 12, 4, 5, 13, 8, 3, 15, 11, 6, 10, 14, 1, 16, 2, 9});
  const RngKey key{42, Stream::order, 0};
  CHECK(permute(0, 60000, key, 3) == 25371);
  CHECK(permute(59999, 60000, key, 3) == 30928);
  CHECK(permute(123456789, 1000000000000, key, 3) == 405236515961);
  CHECK(permute(5, std::uint64_t{1} << 62, key, 3) == 80995446253867354);
}

TEST_CASE("every size gives a permutation") {
  for (std::uint64_t n = 1; n <= 300; ++n) {
    CAPTURE(n);
    std::vector<int> seen(n);
    for (const std::uint64_t at : order(n, {n, Stream::order, 0}, 5)) {
      REQUIRE(at < n);
      ++seen[at];
    }
    CHECK(seen == std::vector<int>(n, 1));
  }
}

TEST_CASE("every example takes every place about equally often over epochs") {
  for (const std::uint64_t n : {2, 3, 5, 8, 12}) {
    CAPTURE(n);
    constexpr int epochs = 12000;
    std::vector<double> counts(n * n);
    for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
      const Order places = order(n, {3, Stream::order, 0}, epoch);
      for (std::uint64_t i = 0; i < n; ++i) counts[i * n + places[i]] += 1;
    }
    const double expected = epochs / static_cast<double>(n);
    double chi_squared = 0;
    for (const double count : counts) chi_squared += std::pow(count - expected, 2) / expected;
    const double degrees = static_cast<double>((n - 1) * (n - 1));
    CHECK(chi_squared < degrees + 4 * std::sqrt(2 * degrees) + 6);
  }
}

TEST_CASE("all orders of four examples are about equally frequent") {
  std::map<Order, double> counts;
  constexpr int epochs = 24000;
  for (std::uint32_t epoch = 0; epoch < epochs; ++epoch) {
    counts[order(4, {4, Stream::order, 0}, epoch)] += 1;
  }
  REQUIRE(counts.size() == 24);
  double chi_squared = 0;
  for (const auto& [places, count] : counts) chi_squared += std::pow(count - 1000, 2) / 1000;
  CHECK(chi_squared < 49.73);  // 99.9 % point of 23 degrees of freedom
}

TEST_CASE("neighbours do not stay neighbours") {
  constexpr std::uint64_t n = 50000;
  const Order places = order(n, {9, Stream::order, 0}, 0);
  double covariance = 0;
  const double centre = (n - 1) / 2.0, variance = (double{n} * n - 1) / 12;
  for (std::uint64_t i = 0; i + 1 < n; ++i) {
    covariance += (static_cast<double>(places[i]) - centre) *
                  (static_cast<double>(places[i + 1]) - centre) / (n - 1);
  }
  CHECK(std::abs(covariance / variance) < 4 / std::sqrt(double{n}));
}

}  // namespace vernier
