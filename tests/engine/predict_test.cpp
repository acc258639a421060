#include "engine/predict.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "core/error.h"
#include "engine/cohort/cpu_cohort.h"
#include "tests/engine/data/files.h"
#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

const std::atomic<bool> go{false};  // never cancelled

struct Trained {
  Checkpoint weights;
  MetricRow last;
};

Trained train(const TrialSettings& s) {
  CpuCohort cohort(s, std::make_shared<const Dataset>(load_dataset(s.data, {}, null_log())),
                   "cpu-test");
  const int lane = cohort.admit(s, nullptr);
  Trained trained;
  for (int i = 0; i < s.steps(); ++i) trained.last = cohort.advance(go, {}).front();
  trained.weights = cohort.save_best(lane);
  return trained;
}

TrialSettings small(const std::string& set) {
  TrialSettings s;
  s.data.set = set;
  s.model.width = 8;
  s.train.epochs = 2;
  s.train.batch_size = 16;
  s.train.early_stop.restore = false;
  return s;
}

Predictions predicted(const TrialSettings& s, const Trained& trained, const std::string& what) {
  return predict(s, trained.weights, what, {}, null_log());
}

std::filesystem::path put(const TempFolder& folder, const std::string& name,
                          const std::string& text) {
  folder.write(name, text);
  return folder.path() / name;
}

/// As stored: what a file of examples would hold.
Dataset unprepared(TrialSettings s) {
  s.data.normalize = "none";
  return load_dataset(s.data, {}, null_log());
}

int right(const Predictions& p) {
  int count = 0;
  for (int row = 0; row < p.n; ++row) {
    const auto first = p.values.begin() + static_cast<std::ptrdiff_t>(row) * p.outputs;
    count += std::max_element(first, first + p.outputs) - first ==
             p.truth[static_cast<std::size_t>(row)];
  }
  return count;
}

}  // namespace

TEST_CASE("a part of the data is predicted as training measured it") {
  TrialSettings s = small("moons");
  s.data.n = 200;
  const Trained trained = train(s);
  const Predictions p = predicted(s, trained, "valid");
  CHECK(static_cast<double>(right(p)) / p.n ==
        doctest::Approx(metric(trained.last, "val_acc")).epsilon(1e-12));
  CHECK(p.classes.size() == 2);
  double loss = 0;
  for (int row = 0; row < p.n; ++row) {
    const auto at = static_cast<std::size_t>(row) * 2;
    CHECK(p.values[at] + p.values[at + 1] == doctest::Approx(1));
    loss -=
        std::log(p.values[at + static_cast<std::size_t>(p.truth[static_cast<std::size_t>(row)])]);
  }
  CHECK(loss / p.n == doctest::Approx(metric(trained.last, "val_loss")).epsilon(1e-5));
}

TEST_CASE("a file of numbers is prepared and predicted as the data set's own examples") {
  TrialSettings s = small("moons");
  s.data.n = 200;
  const Trained trained = train(s);
  const Dataset data = unprepared(s);
  std::string text = "first,second\n";
  for (int i = 0; i < data.valid.n; ++i)
    text += fmt::format("{},{}\n", data.valid.x[static_cast<std::size_t>(2 * i)],
                        data.valid.x[static_cast<std::size_t>(2 * i + 1)]);
  const TempFolder folder;
  const std::string file = put(folder, "new.csv", text).string();
  const Predictions from_file = predicted(s, trained, file);
  CHECK(from_file.values == predicted(s, trained, "valid").values);
  CHECK(from_file.truth.empty());
  const auto wrong = put(folder, "wrong.csv", "a,b\n1,2\n3,x\n").string();
  CHECK_THROWS_WITH_AS(predicted(s, trained, wrong),
                       doctest::Contains("wrong.csv:3] column 'b': found 'x'"), UsageError);
  const auto narrow = put(folder, "narrow.csv", "a\n1\n").string();
  CHECK_THROWS_WITH_AS(predicted(s, trained, narrow), doctest::Contains("1 columns; expected 2"),
                       UsageError);
  CHECK_THROWS_AS(predicted(s, trained, "no such file"), Error);
}

TEST_CASE("images come as IDX, their pixels permuted as the study's") {
  for (const bool permute : {false, true}) {
    TrialSettings s = small("digits");
    s.data.train = 300;
    s.data.valid = 40;
    const Dataset data = unprepared(s);
    s.data.permute = permute;
    const Trained trained = train(s);
    std::string text{0, 0, 8, 3,  0, 0, 0, static_cast<char>(data.valid.n),
                     0, 0, 0, 28, 0, 0, 0, 28};
    for (float pixel : data.valid.x)
      text.push_back(static_cast<char>(static_cast<unsigned char>(pixel)));
    const TempFolder folder;
    const auto file = put(folder, "images-idx3-ubyte", text).string();
    CHECK(predicted(s, trained, file).values == predicted(s, trained, "valid").values);
  }
}

TEST_CASE("the networks of folds are not one that predicts") {
  TrialSettings s = small("moons");
  s.data.folds = 3;
  CHECK_THROWS_WITH_AS(predicted(s, {}, "valid"), doctest::Contains("[data.folds]"), UsageError);
}

TEST_CASE("rows of a table need its columns, in any order, and no target") {
  const TempFolder folder;
  std::string table = "size,colour,weight,price\n";
  const char* colours[] = {"red", "green", "blue"};
  for (int i = 0; i < 90; ++i)
    table += fmt::format("{},{},{},{}\n", i % 13, colours[i % 3], 0.5 * (i % 7),
                         100.25 + 3 * (i % 13) - i % 3);
  TrialSettings s = small("csv");
  s.data.dir = put(folder, "t.csv", table).parent_path().string();
  s.data.file = "t.csv";
  s.data.target = "price";
  s.metric = "val_loss";
  s.maximize = false;
  const Trained trained = train(s);
  const std::string rows =
      put(folder, "rows.csv", "weight,size,colour\n1,3,red\n2.5,4,blue\n").string();
  const std::string same =
      put(folder, "same.csv", "price,size,colour,weight\n0,3,red,1\n7,4,blue,2.5\n").string();
  const Predictions p = predicted(s, trained, rows);
  CHECK(p.n == 2);
  CHECK(p.classes.empty());
  CHECK(p.values == predicted(s, trained, same).values);
  for (double price : p.values) CHECK((price > 50 && price < 200));  // in its own units
  const Predictions known = predicted(s, trained, "test");
  REQUIRE(known.targets.size() == static_cast<std::size_t>(known.n));
  for (double price : known.targets) CHECK(std::fabs(price * 4 - std::round(price * 4)) < 1e-3);
  const auto refused = [&](const char* text, const char* expected) {
    const std::string file = put(folder, "bad.csv", text).string();
    CHECK_THROWS_WITH_AS(predicted(s, trained, file), doctest::Contains(expected), UsageError);
  };
  refused("weight,size\n1,3\n", "no column 'colour'");
  refused("weight,size,color\n1,3,red\n",
          "column 'color' is not in the study's table; did you mean 'colour'");
  refused("weight,size,colour\n1,3,pink\n", "texts that the study's table does not have");
  refused("weight,size,colour\n1,big,red\n", "column 'size': found 'big'");
  refused("weight,size,colour\n", "no rows");
}
