#include "engine/data/split.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>

#include "engine/data/label_noise.h"

namespace vernier::engine {
namespace {

/// 1,000 examples of 3 classes: 600, 300, 100.
std::vector<std::int32_t> labels() {
  std::vector<std::int32_t> list;
  for (int i = 0; i < 1000; ++i) list.push_back(i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2);
  return list;
}
std::vector<int> everyone(int n) {
  std::vector<int> all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

TEST_CASE("a selection has exactly the count, each class its share, and no example twice") {
  const auto y = labels();
  const auto all = everyone(1000);
  for (const int count : {1, 2, 7, 166, 167, 500, 999, 1000}) {
    const auto chosen = select_stratified(all, y, 3, count, 1, Selection::valid);
    REQUIRE(chosen.size() == static_cast<std::size_t>(count));
    CHECK(std::is_sorted(chosen.begin(), chosen.end()));
    CHECK(std::adjacent_find(chosen.begin(), chosen.end()) == chosen.end());
    int per_class[3] = {};
    for (const int i : chosen) ++per_class[y[static_cast<std::size_t>(i)]];
    for (int c = 0; c < 3; ++c) {
      const double exact = count * (c == 0 ? 0.6 : c == 1 ? 0.3 : 0.1);
      CHECK(std::abs(per_class[c] - exact) < 1);
    }
  }
}

TEST_CASE("the seed and the purpose decide who is selected") {
  const auto y = labels();
  const auto all = everyone(1000);
  const auto a = select_stratified(all, y, 3, 200, 1, Selection::valid);
  CHECK(a == select_stratified(all, y, 3, 200, 1, Selection::valid));
  CHECK(a != select_stratified(all, y, 3, 200, 2, Selection::valid));
  CHECK(a != select_stratified(all, y, 3, 200, 1, Selection::test));
}

TEST_CASE("without classes the selection is plain random, and `without` is the rest") {
  const auto all = everyone(50);
  const auto chosen = select_stratified(all, {}, 0, 20, 3, Selection::valid);
  const auto rest = without(all, chosen);
  CHECK(chosen.size() == 20);
  CHECK(rest.size() == 30);
  std::vector<int> both;
  std::merge(chosen.begin(), chosen.end(), rest.begin(), rest.end(), std::back_inserter(both));
  CHECK(both == all);
}

TEST_CASE(
    "label noise redraws the given share of the members only, and each example's draw is its own") {
  const auto clean = labels();
  auto noisy = clean;
  const auto members = everyone(800);
  add_label_noise(noisy, members, 3, 0.3, 5);
  int changed = 0;
  for (std::size_t i = 0; i < 800; ++i) changed += noisy[i] != clean[i];
  // 800 x 0.3 x 2/3 = 160 expected, deviation 11.3.
  CHECK(changed > 115);
  CHECK(changed < 205);
  for (std::size_t i = 800; i < 1000; ++i) CHECK(noisy[i] == clean[i]);
  auto again = clean;
  add_label_noise(again, std::vector<int>{3, 99, 400}, 3, 0.3, 5);
  for (const std::size_t i : {3u, 99u, 400u}) CHECK(again[i] == noisy[i]);
}

}  // namespace
}  // namespace vernier::engine
