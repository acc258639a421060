#include "reports/analysis/over_seeds.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using Doubles = std::vector<double>;

namespace {

StudyData values(const Doubles& of) {
  auto data = test::study();
  for (const double value : of) test::add(data, value);
  return data;
}

}  // namespace

TEST_CASE("the interval of a median lies between order statistics") {
  const auto five = median_interval(Doubles{5, 1, 4, 2, 3});
  CHECK(five.median == 3);
  CHECK(five.low == 1);
  CHECK(five.high == 5);
  CHECK(five.coverage == doctest::Approx(0.9375));
  CHECK(median_interval(Doubles{1, 2, 3, 4, 5, 6}).coverage == doctest::Approx(1 - 2.0 / 64));
  // 9 values: [x(2), x(8)] misses with (1 + 9) / 512 on either side.
  const auto nine = median_interval(Doubles{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(nine.low == 2);
  CHECK(nine.high == 8);
  CHECK(nine.coverage == doctest::Approx(1 - 20.0 / 512));
  CHECK(median_interval(Doubles{7}).coverage == 0);
}

TEST_CASE("best so far over seeds: median and range at every trial, where all have a value") {
  auto first = values({1, 3, 2}), second = values({2, 2, 5}), third = values({0, 4, 1});
  third.trials[0].state = vernier::store::State::failed;
  third.trials[0].value.reset();
  const StudyData* const studies[] = {&first, &second, &third};
  const Envelope all = best_over_seeds(studies, Effort::trials);
  CHECK(all.n == 3);
  CHECK(all.x == Doubles{2, 3});
  CHECK(all.median == Doubles{3, 4});  // of 3 2 4, of 3 5 4
  CHECK(all.low == Doubles{2, 3});
  CHECK(all.high == Doubles{4, 5});
  CHECK(all.coverage == doctest::Approx(0.75));
}

TEST_CASE("the envelope ends with the shortest study; none without values") {
  auto first = values({1, 3, 2}), second = values({2, 2}), empty = test::study();
  const StudyData* const studies[] = {&first, &second, &empty};
  const Envelope two = best_over_seeds(studies, Effort::trials);
  CHECK(two.n == 2);
  CHECK(two.x == Doubles{1, 2});
  const StudyData* const none[] = {&empty};
  CHECK(best_over_seeds(none, Effort::trials).x.empty());
}

TEST_CASE("long studies are drawn on a grid that is fine at the start") {
  Doubles rising;
  for (int i = 0; i < 5000; ++i) rising.push_back(i);
  const auto study = values(rising);
  const StudyData* const one[] = {&study};
  const Envelope all = best_over_seeds(one, Effort::trials, 50);
  CHECK(all.x.size() <= 50);
  CHECK(all.x.front() == 1);
  CHECK(all.x.back() == 5000);
  CHECK(all.median.back() == 4999);
  CHECK(all.x[1] - all.x[0] < all.x.back() - all.x[all.x.size() - 2]);
}
