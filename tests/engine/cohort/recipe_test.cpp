#include "engine/cohort/recipe.h"

#include <doctest/doctest.h>

#include "core/error.h"
#include "engine/cohort/progress.h"

using namespace vernier;
using namespace vernier::engine;

namespace {

const DataShape digits{{28, 28, 1}, 10, 10, 1000, 200, {}};

}  // namespace

TEST_CASE("steps cut an epoch's updates without losing one") {
  TrialSettings s;
  s.train.batch_size = 96;  // 10 updates
  s.train.epochs = 4;
  for (int k = 1; k <= 10; ++k) {
    s.train.measures_per_epoch = k;
    const Recipe r = make_recipe(s, digits, null_log());
    CHECK(r.updates_per_epoch == 10);
    CHECK(r.steps() == 4 * k);
    CHECK(r.updates_at(0) == 0);
    CHECK(r.updates_at(r.steps()) == r.updates());
    for (int i = 1; i <= r.steps(); ++i) CHECK(r.updates_at(i) > r.updates_at(i - 1));
  }
  s.train.measures_per_epoch = 11;
  CHECK_THROWS_AS(make_recipe(s, digits, null_log()), UsageError);
}

TEST_CASE("a batch larger than the training part is cut to it, with a warning") {
  TrialSettings s;
  s.train.batch_size = 4096;
  std::string text;
  const Recipe r = make_recipe(s, digits, [&](Level level, const std::string& t) {
    CHECK(level == Level::warning);
    text = t;
  });
  CHECK(r.batch == 1000);
  CHECK(r.updates_per_epoch == 1);
  CHECK(text.find("4096") != std::string::npos);
}

TEST_CASE("losses and metrics follow the kind of target") {
  TrialSettings s;
  CHECK(make_recipe(s, digits, null_log()).loss == Loss::cross_entropy);
  s.train.loss = "perceptron";
  CHECK(make_recipe(s, digits, null_log()).loss == Loss::perceptron);
  DataShape numbers{{5}, 0, 2, 100, 50, {}};
  CHECK_THROWS_AS(make_recipe(s, numbers, null_log()), UsageError);
  s.train.loss = "";
  CHECK_THROWS_WITH_AS(make_recipe(s, numbers, null_log()), doctest::Contains("[metric] 'val_acc'"),
                       UsageError);
  s.metric = "val_r2";
  CHECK(make_recipe(s, numbers, null_log()).loss == Loss::mse);
  s.metric = "seconds";  // a timing: no best step
  CHECK(make_recipe(s, numbers, null_log()).metric.empty());
}

TEST_CASE("batch norm of one example is refused, as are unknown names") {
  TrialSettings s;
  s.model.batch_norm = true;
  s.train.batch_size = 1;
  CHECK_THROWS_AS(make_recipe(s, digits, null_log()), UsageError);
  s = {};
  s.train.optimizer = "adma";
  CHECK_THROWS_WITH_AS(make_recipe(s, digits, null_log()), doctest::Contains("[train.optimizer]"),
                       UsageError);
  s = {};
  s.train.schedule.type = "cosin";
  CHECK_THROWS_WITH_AS(make_recipe(s, digits, null_log()), doctest::Contains("cosine"), UsageError);
}

TEST_CASE("the fusion key counts what cohorts must share and nothing else") {
  TrialSettings s;
  const auto key = [](const TrialSettings& t, bool widths) {
    return fusion_key(t, make_recipe(t, digits, null_log()), widths);
  };
  TrialSettings same = s;
  same.train.lr = 0.5;
  same.train.weight_decay = 0.1;
  same.train.schedule.type = "cosine";
  same.model.dropout = 0.5;
  same.train.label_smoothing = 0.1;
  same.seed = 5;
  CHECK(key(same, true) == key(s, true));
  TrialSettings wide = s;
  wide.model.width = 130;
  CHECK(key(wide, false) == key(s, false));
  CHECK(key(wide, true) != key(s, true));
  TrialSettings other = s;
  other.data.label_noise = 0.1;
  CHECK(key(other, true) != key(s, true));
  TrialSettings mirrored = s;
  mirrored.augment.flip = 0.25;
  CHECK(key(mirrored, true) != key(s, true));
  other = mirrored;
  other.augment.flip = 0.5;
  CHECK(key(other, true) == key(mirrored, true));
}

TEST_CASE(
    "early stopping: patience counts steps without an improvement above min_delta; NaN is none") {
  Recipe r;
  r.epochs = 100;
  r.metric = "val_loss";
  r.maximize = false;
  r.early_stop = {2, 0.1, true};
  Progress p;
  const auto next = [&](double value) {
    ++p.step;
    return p.observe(r, value);
  };
  CHECK(next(1.0));
  CHECK(next(0.95));  // best, but not by 0.1
  CHECK(!p.ended);
  CHECK(next(0.85));  // by 0.15 of the reference
  CHECK(!next(NAN));
  CHECK(!p.ended);
  CHECK(!next(0.85));
  CHECK(p.early);
  CHECK(p.ended);
  CHECK(p.best_step == 3);

  Progress full;
  r.early_stop.patience = 0;
  r.epochs = 2;
  full.step = 1;
  full.observe(r, 5);
  CHECK(!full.ended);
  full.step = 2;
  full.observe(r, 9);
  CHECK(full.ended);
  CHECK(!full.early);
}
