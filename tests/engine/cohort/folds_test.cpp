// Cross-validation: a trial of several lanes. And augmented training, whose bits do not depend on the neighbours.
#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "core/stats.h"
#include "engine/cohort/cpu_cohort.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

const std::atomic<bool> go{false};

TrialSettings settings(int folds) {
  TrialSettings s;
  s.data.set = "moons";
  s.data.n = 200;
  s.data.folds = folds;
  s.model.width = 8;
  s.train.epochs = 4;
  s.train.batch_size = 16;
  s.train.lr = 0.02;
  s.train.early_stop.patience = 2;
  s.train.early_stop.min_delta = 0.02;
  return s;
}

double value(const Metrics& metrics, const std::string& name) {
  for (const auto& [key, number] : metrics) {
    if (key == name) return number;
  }
  FAIL("no metric " << name);
  return 0;
}

std::vector<MetricRow> run(Cohort& cohort) {
  std::vector<MetricRow> rows;
  for (;;) {
    auto some = cohort.advance(go, {});
    if (some.empty()) return rows;
    rows.push_back(std::move(some[0]));
  }
}

}  // namespace

TEST_CASE(
    "the value of folds is the mean of their trainings alone, with the t interval's half width") {
  const Engine engine({});
  const auto device = engine.devices()[0];
  TrialSettings s = settings(3);
  s.train.early_stop.patience = 0;
  const auto cohort = engine.make_cohort(s, device);
  const int lane = cohort->admit(s, nullptr);
  const auto rows = run(*cohort);
  REQUIRE(rows.size() == 4);
  CHECK(rows.back().ended);
  std::vector<double> accuracies, tests;
  for (int f = 0; f < 3; ++f) {
    DataSettings data = s.data;
    data.fold = f;
    CpuCohort alone(s, std::make_shared<const Dataset>(load_dataset(data, {}, null_log())), "k");
    const int only = alone.admit(s, nullptr);
    accuracies.push_back(value(run(alone).back().results, "val_acc"));
    tests.push_back(value(alone.test(only), "test_acc"));
  }
  CHECK(value(rows.back().results, "val_acc") == doctest::Approx(mean(accuracies)));
  const double deviation = std::sqrt(variance(accuracies) / 3);
  CHECK(deviation > 0);
  CHECK(value(rows.back().results, "val_acc_margin") ==
        doctest::Approx(4.302652729911275 * deviation));  // t of 2 degrees at 0.975
  CHECK(value(cohort->test(lane), "test_acc") == doctest::Approx(mean(tests)));
  std::vector<std::string> names;
  for (const auto& [name, number] : rows[0].results) names.push_back(name);
  for (const auto& [name, number] : rows[0].timings) names.push_back(name);
  CHECK(engine.metric_names(s) == names);
  const Estimate whole = engine.estimate(s, device);
  const Estimate one = engine.estimate(settings(0), device);
  CHECK(whole.bytes > 2 * one.bytes);
}

TEST_CASE("folds saved after any step go on bit for bit, early stopping of single folds included") {
  const Engine engine({});
  const auto device = engine.devices()[0];
  const TrialSettings s = settings(4);
  const auto whole = engine.make_cohort(s, device);
  const int lane = whole->admit(s, nullptr);
  std::vector<MetricRow> expected;
  std::vector<Checkpoint> saved;
  for (;;) {
    auto rows = whole->advance(go, {});
    if (rows.empty()) break;
    expected.push_back(rows[0]);
    saved.push_back(whole->save(lane));
  }
  REQUIRE(expected.size() > 2);
  for (std::size_t k = 0; k + 1 < saved.size(); ++k) {
    const auto again = engine.make_cohort(s, device);
    const int other = again->admit(s, &saved[k]);
    const auto rows = run(*again);
    REQUIRE(rows.size() == expected.size() - k - 1);
    for (std::size_t i = 0; i < rows.size(); ++i)
      CHECK(rows[i].results == expected[k + 1 + i].results);
    CHECK(again->weights_hash(other) == whole->weights_hash(lane));
    CHECK(again->test(other) == whole->test(lane));
  }
  const Checkpoint best = whole->save_best(lane);
  const auto tested = engine.make_cohort(s, device);
  CHECK(tested->test(tested->admit(s, &best)) == whole->test(lane));
  Checkpoint other = saved[0];
  const auto three = engine.make_cohort(settings(3), device);
  CHECK_THROWS_WITH_AS(three->admit(settings(3), &other), doctest::Contains("3 folds"), UsageError);
}

TEST_CASE(
    "augmented training: the same bits alone, beside others and continued; weaker fit of its own "
    "data") {
  const Engine engine({});
  const auto device = engine.devices()[0];
  TrialSettings s;
  s.data.train = 600;
  s.data.valid = s.data.test = 200;
  s.model.type = "lenet5";
  s.model.width_factor = 0.5;
  s.train.epochs = 3;
  s.train.batch_size = 50;
  TrialSettings plain = s;
  s.augment.crop = 3;
  s.augment.scale = 0.15;
  s.augment.brightness = 0.2;
  s.augment.cutout = 8;
  const auto alone = engine.make_cohort(s, device);
  const int lane = alone->admit(s, nullptr);
  const auto expected = run(*alone);
  const auto pair = engine.make_cohort(s, device);
  TrialSettings neighbour = s;
  neighbour.seed = 9;
  neighbour.augment.crop = 5;
  pair->admit(neighbour, nullptr);
  const int second = pair->admit(s, nullptr);
  const auto first_rows = pair->advance(go, {});
  const Checkpoint middle = pair->save(second);
  CHECK(first_rows[1].results == expected[0].results);
  pair->advance(go, {});
  pair->advance(go, {});
  CHECK(pair->weights_hash(second) == alone->weights_hash(lane));
  const auto later = engine.make_cohort(s, device);
  const int third = later->admit(s, &middle);
  run(*later);
  CHECK(later->weights_hash(third) == alone->weights_hash(lane));
  const auto bare = engine.make_cohort(plain, device);
  bare->admit(plain, nullptr);
  CHECK(value(run(*bare).back().results, "train_loss") <
        value(expected.back().results, "train_loss"));
  TrialSettings wrong = plain;
  wrong.data = {};
  wrong.data.set = "moons";
  wrong.model = {};
  wrong.augment.flip = 0.5;
  CHECK_THROWS_WITH_AS(engine.estimate(wrong, device), doctest::Contains("[augment]"), UsageError);
}
