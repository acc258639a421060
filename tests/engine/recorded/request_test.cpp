// When something is recorded, and what it costs a training: not a bit.
#include <doctest/doctest.h>

#include "core/error.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/models/registry.h"
#include "engine/recorded/names.h"
#include "engine/recorded/recorded.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

const std::atomic<bool> go{false};

TrialSettings moons(std::vector<std::string> kinds) {
  TrialSettings s;
  s.data.set = "moons";
  s.data.n = 150;
  s.model.width = 8;
  s.train.epochs = 45;
  s.train.batch_size = 30;
  s.train.lr = 0.01;
  s.train.record.kinds = std::move(kinds);
  return s;
}

std::vector<MetricRow> run(Cohort& cohort) {
  std::vector<MetricRow> rows;
  for (;;) {
    auto some = cohort.advance(go, {});
    if (some.empty()) return rows;
    rows.push_back(std::move(some[0]));
  }
}

const std::vector<std::string> everything{"gradients", "classes",    "confusion",
                                          "worst",     "histograms", "map"};

}  // namespace

TEST_CASE("every metric that is recorded begins with what its kind says") {
  const std::vector<std::string> known = recorded_metrics();
  const Architecture net = build_model(moons({}).model, {2}, 2);
  const DataShape data = shape_of(load_dataset(moons({}).data, {}, null_log()));
  const std::vector<std::string> frozen;
  int checked = 0;
  for (const RecordingInfo& info : recordings()) {
    const Recording recording = find_recording(info.name);
    CHECK((recording.metric_names == nullptr) == (std::string(recording.metrics).empty()));
    if (recording.metric_names == nullptr) continue;
    for (const std::string& name : recording.metric_names({net, frozen, data})) {
      CHECK(std::count(known.begin(), known.end(), name.substr(0, name.find('.'))) == 1);
      ++checked;
    }
  }
  CHECK(checked > 6);
}

TEST_CASE("pictures come at the first step, every n-th and the last, twenty of a name or so") {
  const Engine engine({});
  const auto steps = [&](TrialSettings s) {
    const auto cohort = engine.make_cohort(s, engine.devices()[0]);
    cohort->admit(s, nullptr);
    std::vector<int> with;
    for (const MetricRow& row : run(*cohort))
      if (!row.recorded.empty()) with.push_back(row.step);
    return with;
  };
  TrialSettings s = moons({"confusion"});
  CHECK(steps(s) == std::vector<int>{1, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45});
  s.train.record.every = 20;
  CHECK(steps(s) == std::vector<int>{1, 20, 40, 45});
  s.train.lr = 1e-9;  // no improvement: early stopping is a last step too
  s.train.early_stop.patience = 4;
  CHECK(steps(s) == std::vector<int>{1, 5});
  s = moons({"gradients", "classes"});
  CHECK(steps(s).empty());
}

TEST_CASE("recording changes no result and no weight; a continued training leaves the same bytes") {
  const Engine engine({});
  TrialSettings s = moons(everything);
  s.train.epochs = 5;
  s.train.ema = 0.5;
  const auto device = engine.devices()[0];
  const auto whole = engine.make_cohort(s, device);
  const int lane = whole->admit(s, nullptr);
  std::vector<MetricRow> rows;
  Checkpoint middle;
  for (;;) {
    auto some = whole->advance(go, {});
    if (some.empty()) break;
    rows.push_back(some[0]);
    if (rows.size() == 2) middle = whole->save(lane);
  }
  TrialSettings plain = s;
  plain.train.record = {};
  const auto bare = engine.make_cohort(plain, device);
  const int other = bare->admit(plain, nullptr);
  const auto bare_rows = run(*bare);
  REQUIRE(rows.size() == bare_rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto& fewer = bare_rows[i].results;
    CHECK(Metrics(rows[i].results.begin(),
                  rows[i].results.begin() + static_cast<std::ptrdiff_t>(fewer.size())) == fewer);
    CHECK(bare_rows[i].recorded.empty());
  }
  CHECK(whole->weights_hash(lane) == bare->weights_hash(other));
  const auto later = engine.make_cohort(s, device);
  later->admit(s, &middle);
  const auto again = run(*later);
  REQUIRE(again.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(again[i].results == rows[2 + i].results);
    CHECK(again[i].recorded == rows[2 + i].recorded);
    CHECK(!again[i].recorded.empty());
  }
}

TEST_CASE("of folds the recorded metrics are means, the pictures those of the first") {
  const Engine engine({});
  TrialSettings s = moons(everything);
  s.train.epochs = 2;
  s.data.folds = 3;
  const auto cohort = engine.make_cohort(s, engine.devices()[0]);
  cohort->admit(s, nullptr);
  const auto rows = run(*cohort);
  double sum = 0;
  for (int f = 0; f < 3; ++f) {
    DataSettings data = s.data;
    data.fold = f;
    CpuCohort alone(s, std::make_shared<const Dataset>(load_dataset(data, {}, null_log())), "k");
    alone.admit(s, nullptr);
    const auto one = run(alone);
    sum += metric(one.back(), "grad_norm.dense1");
    if (f == 0) CHECK(one.back().recorded == rows.back().recorded);
  }
  CHECK(metric(rows.back(), "grad_norm.dense1") == doctest::Approx(sum / 3));
  std::vector<std::string> names;
  for (const auto* part : {&rows[0].results, &rows[0].timings})
    for (const auto& [name, value] : *part) names.push_back(name);
  CHECK(engine.metric_names(s) == names);
  CHECK(std::count(names.begin(), names.end(), "val_acc.0_margin") == 0);
}

TEST_CASE("a metric that is recorded can be what the best step is judged by") {
  const Engine engine({});
  TrialSettings s = moons({"classes"});
  s.metric = "val_acc.1";
  const auto cohort = engine.make_cohort(s, engine.devices()[0]);
  CHECK(cohort->admit(s, nullptr) == 0);
  s.train.record = {};
  CHECK_THROWS_WITH_AS(engine.make_cohort(s, engine.devices()[0]),
                       doctest::Contains("'val_acc.1' is not reported"), UsageError);
}

TEST_CASE("a kind without effect is refused with what it expects, and left out of a trial") {
  const Engine engine({});
  const auto refusal = [&](const TrialSettings& s) { return engine.record_misfit(s); };
  TrialSettings digits;
  digits.train.record.kinds = {"map"};
  CHECK(refusal(digits) ==
        "[train.record] map has no effect: inputs of shape (28, 28, 1); expected two numbers");
  digits.train.record.kinds = {"filters", "fit"};
  CHECK(refusal(digits) ==
        "[train.record] fit has no effect: the target is a class; expected a number");
  TrialSettings sine;
  sine.data.set = "sine";
  sine.metric = "val_loss";
  for (const std::string kind : {"confusion", "classes", "worst", "filters", "map"}) {
    sine.train.record.kinds = {kind};
    CHECK(refusal(sine).find(kind + " has no effect: ") != std::string::npos);
  }
  sine.train.record.kinds = {"fit", "gradients", "histograms"};
  CHECK(refusal(sine).empty());
  TrialSettings s = moons({"filters", "fit", "map"});
  s.train.epochs = 1;
  const auto cohort = engine.make_cohort(s, engine.devices()[0]);
  cohort->admit(s, nullptr);
  CHECK(cohort->advance(go, {})[0].recorded.size() == 1);
}

TEST_CASE("names of metrics are what filters take as they are") {
  CHECK(metric_names("val_acc", {"a b", "a_b", "c.d", "", "1.", "\"; --"}) ==
        std::vector<std::string>{"val_acc.a_b", "val_acc.a_b_2", "val_acc.c.d", "val_acc._",
                                 "val_acc.1_", "val_acc._____"});
}
