#include "reports/analysis/certainty.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using vernier::store::State;

TEST_CASE("fluctuation is the deviation of differences over sqrt 2, without the trend") {
  // Differences +1 -1 +1 -1 +1: mean 0.2, variance (3 * 0.64 + 2 * 1.44) / 4 = 1.2.
  const std::vector<double> zigzag{0, 1, 0, 1, 0, 1};
  CHECK(fluctuation(zigzag).value() == doctest::Approx(std::sqrt(0.6)));
  CHECK(fluctuation(std::vector<double>{1, 2, 3, 4, 5, 6}).value() == doctest::Approx(0));
  CHECK_FALSE(fluctuation(std::vector<double>{1, 2, 3, 4, NAN, 6}).has_value());
  // The last third of 30 points only: the first 20 may jump.
  std::vector<double> settled(30, 2.0);
  for (std::size_t i = 0; i < 20; ++i) settled[i] = i % 2 ? 0 : 100;
  CHECK(fluctuation(settled).value() == 0);
}

TEST_CASE("mean and Student-t interval") {
  const auto interval = mean_interval(std::vector<double>{1, 2, 3});
  REQUIRE(interval);
  CHECK(interval->mean == doctest::Approx(2));
  CHECK(interval->half_width == doctest::Approx(4.302653 / std::sqrt(3.0)).epsilon(1e-5));
  CHECK_FALSE(mean_interval(std::vector<double>{1}).has_value());
}

TEST_CASE("runners-up, those within the noise, and repeats of the best") {
  auto data = test::study();
  test::add(data, State::completed, 0.90, {0.1, 0.89, 0.90, 0.89, 0.90, 0.89, 0.90});
  test::add(data, State::completed, 0.895);
  test::add(data, State::completed, 0.80);
  for (const double value : {0.88, 0.89}) {
    auto repeat = data.trials.front();
    repeat.number += 100;
    repeat.kind = "repeat";
    repeat.parent = 1;
    repeat.value = value;
    data.repeats.push_back(repeat);
  }
  const Certainty sure = certainty(data);
  REQUIRE(sure.noise);
  CHECK(sure.noise_of_seeds);
  CHECK(*sure.noise == doctest::Approx(0.01));  // of 0.90 0.88 0.89
  REQUIRE(sure.runners_up.size() == 2);
  CHECK(sure.runners_up[0].behind == doctest::Approx(0.005));
  CHECK(sure.runners_up[0].within_noise);
  CHECK_FALSE(sure.runners_up[1].within_noise);
  CHECK(sure.within_noise == 1);
  REQUIRE(sure.repeats);
  CHECK(sure.repeats->n == 3);
  CHECK(sure.repeats->mean == doctest::Approx(0.89));
  // 0.90 and 0.895, half a deviation apart; the third is out of reach.
  CHECK(*sure.optimism ==
        doctest::Approx(0.01 * std::sqrt(2.0) * std::exp(-0.0625) / std::sqrt(2 * M_PI))
            .epsilon(1e-4));
  data.repeats.clear();
  CHECK(*certainty(data).noise == doctest::Approx(0.01 * std::sqrt(0.6)));
  CHECK_FALSE(certainty(data).noise_of_seeds);
}

TEST_CASE("no trial: nothing is claimed") {
  const Certainty sure = certainty(test::study());
  CHECK_FALSE(sure.noise.has_value());
  CHECK(sure.runners_up.empty());
}
