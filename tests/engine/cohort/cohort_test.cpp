#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <thread>

#include "core/error.h"
#include "engine/cohort/cpu_cohort.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

const std::atomic<bool> go{false};  // never cancelled

TrialSettings small_settings() {
  TrialSettings s;
  s.model.widths = {9, 7};
  s.model.activation = "tanh";
  s.model.dropout = 0.2;
  s.model.batch_norm = true;
  s.train.batch_size = 8;
  s.train.epochs = 5;
  s.train.measures_per_epoch = 2;
  s.train.lr = 0.01;
  s.seed = 11;
  return s;
}

std::shared_ptr<const Dataset> shared_data(std::uint64_t seed = 3, int classes = 4) {
  return std::make_shared<const Dataset>(noise_data(seed, 6, classes, classes > 0 ? classes : 2));
}

std::unique_ptr<CpuCohort> cohort_of(const TrialSettings& s,
                                     std::shared_ptr<const Dataset> data = shared_data()) {
  return std::make_unique<CpuCohort>(s, std::move(data), "cpu-test");
}

std::vector<MetricRow> advance(Cohort& cohort, int steps) {
  std::vector<MetricRow> rows;
  for (int i = 0; i < steps; ++i) {
    for (auto& row : cohort.advance(go, {})) rows.push_back(std::move(row));
  }
  return rows;
}

void check_equal(const Metrics& a, const Metrics& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].first == b[i].first);
    CHECK((a[i].second == b[i].second || (std::isnan(a[i].second) && std::isnan(b[i].second))));
  }
}

}  // namespace

TEST_CASE(
    "ten steps equal four, save, restore elsewhere and six more, bit for bit, for every "
    "optimizer") {
  for (const OptimizerInfo& info : optimizer_table) {
    CAPTURE(info.name);
    TrialSettings s = small_settings();
    s.train.optimizer = std::string(info.name);
    s.train.weight_decay = 0.01;
    s.train.ema = 0.9;
    s.train.clip_norm = 1;
    s.train.schedule.type = "plateau";
    s.train.schedule.patience = 0;
    s.train.momentum = 0.8;
    const auto data = shared_data();

    auto whole = cohort_of(s, data);
    whole->admit(s, nullptr);
    const auto expected = advance(*whole, 10);
    REQUIRE(expected.size() == 10);
    CHECK(expected.back().ended);

    auto first = cohort_of(s, data);
    first->admit(s, nullptr);
    auto rows = advance(*first, 4);
    const Checkpoint saved = first->save(0);
    CHECK(saved.step == 4);
    first.reset();
    auto second = cohort_of(s, data);
    second->admit(s, &saved);
    CHECK(second->save(0).bytes == saved.bytes);
    for (auto& row : advance(*second, 6)) rows.push_back(std::move(row));
    REQUIRE(rows.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) check_equal(rows[i].results, expected[i].results);
    CHECK(second->weights_hash(0) == whole->weights_hash(0));
    CHECK(second->save(0).bytes == whole->save(0).bytes);
    CHECK(second->save_best(0).bytes == whole->save_best(0).bytes);
    CHECK(advance(*second, 1).empty());
  }
}

TEST_CASE("three lanes equal three trials alone, and a lane of NaN harms no other") {
  std::vector<TrialSettings> all(3, small_settings());
  all[0].train.lr = 0.003;
  all[1].train.lr = 1e30;  // diverges at once
  all[1].train.optimizer = all[0].train.optimizer = all[2].train.optimizer = "sgd";
  all[1].model.batch_norm = all[0].model.batch_norm = all[2].model.batch_norm = false;
  all[2].model.widths = {5, 4};
  all[2].model.dropout = 0.5;
  const auto data = shared_data();
  auto together = cohort_of(all[0], data);
  for (const auto& s : all) together->admit(s, nullptr);
  std::vector<std::vector<MetricRow>> rows(3);
  for (auto& row : advance(*together, 6)) rows[static_cast<std::size_t>(row.lane)].push_back(row);
  for (int lane = 0; lane < 3; ++lane) {
    CAPTURE(lane);
    const auto& s = all[static_cast<std::size_t>(lane)];
    auto alone = cohort_of(s, data);
    alone->admit(s, nullptr);
    const auto expected = advance(*alone, 6);
    const auto& got = rows[static_cast<std::size_t>(lane)];
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) check_equal(got[i].results, expected[i].results);
    CHECK(together->weights_hash(lane) == alone->weights_hash(0));
  }
  REQUIRE(!rows[1].empty());
  CHECK(rows[1].back().diverged);
  CHECK(rows[1].size() < 6);  // takes no further step
  CHECK(rows[0].size() == 6);
  CHECK(rows[2].size() == 6);
}

TEST_CASE("eight fused trials have each trial's bits alone, those that refill a place included") {
  const auto data = shared_data();
  Rng rng({20, Stream::sampler, 0});
  const auto any = [&] {
    TrialSettings s = small_settings();
    s.train.lr = 0.001 + 0.02 * rng.uniform();
    s.model.dropout = 0.5 * rng.uniform();
    s.model.widths = {3 + static_cast<int>(rng.below(30)), 3 + static_cast<int>(rng.below(30))};
    s.seed = rng.below(1000);
    return s;
  };
  struct Fused {
    TrialSettings settings;
    std::vector<MetricRow> rows;
    std::string hash;
  };
  std::vector<Fused> trials;
  std::vector<std::size_t> in_lane(8);  // which of the trials
  auto cohort = cohort_of(small_settings(), data);
  const auto start = [&] {
    trials.push_back({any(), {}, ""});
    const int lane = cohort->admit(trials.back().settings, nullptr);
    in_lane[static_cast<std::size_t>(lane)] = trials.size() - 1;
  };
  for (int i = 0; i < 8; ++i) start();
  for (int step = 0; step < 9; ++step) {
    for (const MetricRow& row : cohort->advance(go, {}))
      trials[in_lane[static_cast<std::size_t>(row.lane)]].rows.push_back(row);
    const auto lane = rng.below(8);
    trials[in_lane[lane]].hash = cohort->weights_hash(static_cast<int>(lane));
    cohort->retire(static_cast<int>(lane));
    start();
  }
  REQUIRE(trials.size() == 17);
  for (std::size_t i = 0; i < 8; ++i)
    trials[in_lane[i]].hash = cohort->weights_hash(static_cast<int>(i));
  int refilled = 0;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    CAPTURE(i);
    const Fused& trial = trials[i];
    auto alone = cohort_of(trial.settings, data);
    alone->admit(trial.settings, nullptr);
    const auto expected = advance(*alone, static_cast<int>(trial.rows.size()));
    REQUIRE(expected.size() == trial.rows.size());
    for (std::size_t k = 0; k < expected.size(); ++k)
      check_equal(trial.rows[k].results, expected[k].results);
    CHECK(alone->weights_hash(0) == trial.hash);
    refilled += i >= 8 && !trial.rows.empty();
  }
  CHECK(refilled >= 5);
}

TEST_CASE("the thread that trains does not matter, nor what other threads train") {
  const TrialSettings s = small_settings();
  const auto data = shared_data();
  auto here = cohort_of(s, data);
  here->admit(s, nullptr);
  advance(*here, 6);
  std::vector<std::string> hashes(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& hash : hashes) {
      threads.emplace_back([&] {
        auto there = cohort_of(s, data);
        there->admit(s, nullptr);
        advance(*there, 6);
        hash = there->weights_hash(0);
      });
    }
  }
  for (const std::string& hash : hashes) CHECK(hash == here->weights_hash(0));
}

TEST_CASE(
    "cancel ends a step within one update and returns nothing; heartbeat counts the updates") {
  TrialSettings s = small_settings();
  s.train.measures_per_epoch = 1;  // 6 updates a step
  auto cohort = cohort_of(s);
  cohort->admit(s, nullptr);
  std::atomic<bool> cancel{false};
  int beats = 0;
  CHECK(cohort->advance(cancel, [&] { ++beats; }).size() == 1);
  CHECK(beats == 6);
  CHECK(cohort->advance(cancel, [&] { cancel = ++beats == 9; }).empty());
  CHECK(beats == 9);
  cohort->retire(0);
  CHECK_THROWS_AS(cohort->save(0), UsageError);
}

TEST_CASE("a retired lane's place is used again") {
  const TrialSettings s = small_settings();
  auto cohort = cohort_of(s);
  CHECK(cohort->admit(s, nullptr) == 0);
  CHECK(cohort->admit(s, nullptr) == 1);
  cohort->retire(0);
  CHECK(cohort->admit(s, nullptr) == 0);
  CHECK_THROWS_AS(cohort->retire(5), UsageError);
}

TEST_CASE("early stopping keeps the best step's weights, and test() uses them") {
  TrialSettings s = small_settings();
  s.train.epochs = 200;
  s.train.measures_per_epoch = 1;
  s.train.early_stop.patience = 3;
  s.train.lr = 0.05;
  s.metric = "val_loss";
  s.maximize = false;
  const auto data = shared_data();
  auto cohort = cohort_of(s, data);
  cohort->admit(s, nullptr);
  std::vector<MetricRow> rows;
  while (rows.empty() || !rows.back().ended) rows.push_back(advance(*cohort, 1).at(0));
  CHECK(rows.back().early);
  REQUIRE(rows.size() < 200);
  std::size_t best = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    if (metric(rows[i], "val_loss") < metric(rows[best], "val_loss")) best = i;
  }
  CHECK(rows.size() - 1 - best == 3);
  const Checkpoint kept = cohort->save_best(0);
  CHECK(kept.step == rows[best].step);

  auto again = cohort_of(s, data);
  again->admit(s, nullptr);
  advance(*again, rows[best].step);
  auto best_lane = again->test(0);
  check_equal(best_lane, cohort->test(0));
  CHECK(again->save_best(0).bytes == kept.bytes);

  auto loaded = cohort_of(s, data);
  loaded->admit(s, &kept);
  check_equal(loaded->test(0), best_lane);
  CHECK(advance(*loaded, 1).empty());  // weights alone do not train on

  s.train.early_stop.restore = false;
  auto last = cohort_of(s, data);
  last->admit(s, nullptr);
  const auto last_rows = advance(*last, static_cast<int>(rows.size()));
  check_equal(last_rows.back().results, rows.back().results);
  CHECK(last->save_best(0).step == rows.back().step);
}

TEST_CASE("a damaged checkpoint is refused, never read") {
  TrialSettings s = small_settings();
  const auto data = shared_data();
  auto cohort = cohort_of(s, data);
  cohort->admit(s, nullptr);
  advance(*cohort, 2);
  const Checkpoint good = cohort->save(0);
  Rng rng({1, Stream::data, 0});
  for (int i = 0; i < 400; ++i) {
    Checkpoint bad = good;
    if (i % 4 == 0) {
      bad.bytes.resize(rng.below(bad.bytes.size()));
    } else {
      const auto at = rng.below(i % 4 == 1 ? 200 : bad.bytes.size());
      bad.bytes[at] ^= static_cast<std::byte>(1 + rng.below(255));
    }
    CHECK_THROWS_AS(cohort->admit(s, &bad), UsageError);
  }
  CHECK(cohort->admit(s, &good) == 1);

  TrialSettings other = s;
  other.model.widths = {9, 8};
  CHECK_THROWS_AS(cohort->admit(other, &good), UsageError);  // another network
  other = s;
  other.train.optimizer = "sgd";
  CHECK_THROWS_AS(cohort_of(other, data)->admit(other, &good), UsageError);
}

TEST_CASE("a lane of another key cannot join a cohort; rates, widths and seeds may differ") {
  const TrialSettings s = small_settings();
  auto cohort = cohort_of(s);
  TrialSettings other = s;
  other.train.lr = 0.1;
  other.model.widths = {3, 3};
  other.model.dropout = 0;
  other.seed = 99;
  CHECK(cohort->admit(other, nullptr) == 0);
  for (int i = 0; i < 4; ++i) {
    other = s;
    if (i == 0) other.model.widths = {9, 7, 7};
    if (i == 1) other.train.batch_size = 9;
    if (i == 2) other.train.optimizer = "sgd";
    if (i == 3) other.model.activation = "relu";
    CHECK_THROWS_AS(cohort->admit(other, nullptr), UsageError);
  }
}

TEST_CASE("numbers as targets report R^2 in place of accuracies") {
  TrialSettings s = small_settings();
  s.metric = "val_r2";
  auto cohort = cohort_of(s, shared_data(5, 0));
  cohort->admit(s, nullptr);
  const auto row = advance(*cohort, 1).at(0);
  CHECK(std::isfinite(metric(row, "val_r2")));
  CHECK(row.results.size() == 6);
  CHECK(cohort->test(0).at(1).first == "test_r2");
}
