#include "reports/analysis/fit_hint.h"

#include <doctest/doctest.h>

#include "tests/reports/study.h"

using namespace vernier::reports;
using vernier::store::State;

namespace {

StudyData losses(std::vector<double> val, std::vector<double> train) {
  auto data = test::study();
  data.metrics = {"m", "val_loss", "train_loss"};
  test::add(data, State::completed, 1, std::vector<double>(val.size(), 0));
  data.curves[0].metrics = {std::vector<double>(val.size(), 0), std::move(val), std::move(train)};
  return data;
}

}  // namespace

TEST_CASE("overfitting: the validation loss rises while the training loss falls") {
  const auto hint = fit_hint(losses({1.0, 0.5, 0.6, 0.8}, {1.0, 0.6, 0.3, 0.1}), 0);
  REQUIRE(hint);
  CHECK(hint->overfits);
  CHECK_FALSE(hint->still_falling);
  CHECK(hint->best_step == 2);
  CHECK(hint->gap == doctest::Approx(0.7));
}

TEST_CASE("still falling at the end, and a rise of the training loss too is no overfitting") {
  CHECK(fit_hint(losses({1.0, 0.5, 0.4}, {1.0, 0.6, 0.3}), 0)->still_falling);
  // Smallest at the end by chance: the fifths 0.50, 0.52 and 0.51, 0.49 do not differ by more than the noise.
  std::vector<double> level{1.0, 0.8, 0.6, 0.52, 0.50, 0.51, 0.50, 0.52, 0.51, 0.49};
  const auto noisy = fit_hint(losses(level, std::vector<double>(10, 0.1)), 0);
  CHECK(noisy->best_step == 10);
  CHECK_FALSE(noisy->still_falling);
  CHECK_FALSE(fit_hint(losses({1.0, 0.5, 0.9}, {1.0, 0.3, 0.8}), 0)->overfits);
  CHECK_FALSE(fit_hint(losses({1.0, 0.5}, {1.0, 0.3}), 0).has_value());
  CHECK_FALSE(fit_hint(losses({NAN, NAN, NAN}, {1.0, 0.3, 0.1}), 0).has_value());
}

TEST_CASE("the diagnosis: overfits, too short, limited by capacity, a gap") {
  CHECK(fit_hint(losses({1.0, 0.5, 0.6, 0.8}, {1.0, 0.6, 0.3, 0.1}), 0)->fit == Fit::overfits);
  CHECK(fit_hint(losses({1.0, 0.5, 0.4}, {1.0, 0.6, 0.3}), 0)->fit == Fit::too_short);
  const std::vector<double> level{1.0, 0.5, 0.5, 0.5};
  CHECK(fit_hint(losses(level, {1.0, 0.48, 0.47, 0.46}), 0)->fit == Fit::capacity);  // gap 8 %
  CHECK(fit_hint(losses(level, {1.0, 0.4, 0.3, 0.3}), 0)->fit == Fit::gap);
}
