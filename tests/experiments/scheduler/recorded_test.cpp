// train.record from the study file to the database.
#include <map>
#include <set>

#include "experiments/scheduler/run.h"
#include "experiments/scheduler/setup.h"
#include "store/store.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

std::string moons(const std::string& train, const std::string& data = "set: moons, n: 120") {
  return "study: seen\ndata: {" + data + "}\nmodel: {width: 6}\ntrain: {" + train +
         "}\nsampler: random\ntrials: 2\nresources: {jobs: 1}\n"
         "parameters: {model.depth: {min: 1, max: 2}}\n";
}

struct Study {
  TempFolder folder;
  RunOptions options;
  explicit Study(const std::string& text) {
    options.db = folder.db();
    (void)run_study(load(text), options, {}, {}, null_log());
  }
  store::Store open(store::Mode mode = store::Mode::read) const {
    return store::Store::open(options.db, mode);
  }
};

std::string refused(const std::string& text) {
  return refusal([&] {
    const TempFolder folder;
    RunOptions options;
    options.db = folder.db();
    const Setup setup(load_spec(folder.write("study.yaml", text)), options, null_log());
  });
}

}  // namespace

TEST_CASE("what a study asks for stands beside its trials' steps") {
  const Study study(moons("epochs: 5, record: {kinds: [confusion, gradients, map], every: 2}"));
  const store::Store db = study.open();
  const auto id = db.study("seen").id;
  for (const auto& trial : db.trials(id)) {
    std::map<std::string, std::set<int>> steps;
    for (const auto& left : db.artifacts(id, trial.number)) steps[left.kind].insert(left.step);
    CHECK(steps == std::map<std::string, std::set<int>>{{"confusion", {1, 2, 4, 5}},
                                                        {"decision_map", {1, 2, 4, 5}}});
    for (const auto& row : db.curve(id, trial.number)) {
      const bool found = std::any_of(row.results.begin(), row.results.end(), [](const auto& pair) {
        return pair.first == "grad_norm.dense1" && pair.second > 0;
      });
      CHECK(found);
    }
  }
}

TEST_CASE("a trial trained again is compared with what it recorded, too") {
  const Study study(moons("epochs: 2, record: [confusion, worst]"));
  const RerunReport equal = rerun_trial(study.options, "seen", 1, false, null_log());
  CHECK_MESSAGE(equal.equal, equal.difference);
  {
    store::Store db = study.open(store::Mode::write);
    db.add_artifact(db.study("seen").id, 1, {2, "examples", "examples", "{}"});
  }
  const RerunReport changed = rerun_trial(study.options, "seen", 1, false, null_log());
  CHECK_FALSE(changed.equal);
  CHECK(changed.difference == "step 2 'examples' is recorded otherwise now");
  {
    store::Store db = study.open(store::Mode::write);
    db.add_artifact(db.study("seen").id, 2, {2, "gone", "examples", "{}"});
  }
  CHECK(rerun_trial(study.options, "seen", 2, false, null_log()).difference ==
        "step 2 'gone' recorded, missing now");
  CHECK(repeat_trial(study.options, "seen", 1, 1, false, null_log()).size() == 1);
  const store::Store db = study.open();
  CHECK(db.artifacts(db.study("seen").id, 3).size() == 4);
}

TEST_CASE("a trial that early stopping ended says at which step; others say nothing") {
  const Study study(moons("epochs: 9, lr: 1.0e-9, early_stop: {patience: 3}, record: confusion"));
  const store::Store db = study.open();
  const auto id = db.study("seen").id;
  for (const auto& trial : db.trials(id)) {
    CHECK(trial.state == store::State::completed);
    CHECK(trial.steps < 9);
    CHECK(trial.reason == fmt::format("early stopping at step {}", trial.steps));
    CHECK(db.artifacts(id, trial.number).back().step == trial.steps);
  }
  const Study whole(moons("epochs: 2, early_stop: {patience: 3}"));
  const store::Store other = whole.open();
  CHECK(other.trial(other.study("seen").id, 1).reason.empty());
}

TEST_CASE("kinds that are not known or have no effect are refused with their place") {
  CHECK(contains(refused(moons("record: [confusion, maps]")), "study.yaml:4:"));
  CHECK(contains(refused(moons("record: [confusion, maps]")),
                 "unknown name 'maps'; did you mean 'map'"));
  CHECK(contains(refused(moons("record: [map, map]")), "each kind once"));
  CHECK(contains(refused(moons("record: {kinds: classes, every: 2}")),
                 "[train.record.every] has no effect: classes of every step"));
  CHECK(contains(refused(moons("record: {every: 2}")), "nothing is recorded"));
  const std::string digits = refused(moons("record: [map]", "set: digits, train: 50, valid: 20"));
  CHECK(contains(digits, "study.yaml:4:"));
  CHECK(contains(digits, "[train.record] map has no effect: inputs of shape (28, 28, 1)"));
  // A search may choose between data that have it and others.
  CHECK(refused("study: seen\ntrain: {record: map}\nsampler: random\nparameters: {data.set: "
                "{values: [moons, digits]}}\n")
            .empty());
}
