#include "experiments/scheduler/objective.h"

#include <cmath>

#include "experiments/scheduler/past.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

Objective after(const MetricSpec& metric, const std::vector<double>& values) {
  Objective objective({metric});
  int step = 0;
  for (const double value : values) objective.add(++step, {{"other", 99}, {"v", value}});
  return objective;
}

}  // namespace

TEST_CASE("reduce: best so far, the last, or the mean of the last N") {
  const std::vector<double> values{0.5, 0.9, 0.7, 0.8};
  const Objective best = after({"v", true, "best"}, values);
  CHECK(best.value() == 0.9);
  CHECK(best.minimised() == -0.9);
  CHECK(best.best_step() == 2);
  CHECK(after({"v", false, "best"}, values).value() == 0.5);
  CHECK(after({"v", false, "best"}, values).minimised() == 0.5);
  CHECK(after({"v", true, "last"}, values).value() == 0.8);
  CHECK(after({"v", true, "last"}, values).best_step() == 2);
  CHECK(*after({"v", true, "mean_last_3"}, values).value() == doctest::Approx(0.8));
  CHECK(*after({"v", true, "mean_last_9"}, values).value() == doctest::Approx(0.725));
}

TEST_CASE("the first of equal steps is the best, and numbers that are not finite are skipped") {
  CHECK(after({"v", true, "best"}, {1, 2, 2}).best_step() == 2);
  CHECK(after({"v", true, "best"}, {1, INFINITY, NAN}).value() == 1);
  CHECK(after({"v", false, "last"}, {1, NAN}).value() == 1);
  CHECK(!after({"v", true, "best"}, {NAN}).value().has_value());
  CHECK(!after({"u", true, "best"}, {1}).value().has_value());
  CHECK(!after({"v", true, "best"}, {}).best_step().has_value());
}

TEST_CASE("several metrics are kept side by side; one alone needs no list") {
  Objective objective({{"v", true, "best"}, {"w", false, "last"}});
  objective.add(1, {{"v", 1}, {"w", 5}});
  objective.add(2, {{"v", 0}, {"w", 6}});
  CHECK(objective.all() == std::vector<double>{1, 6});
  CHECK(objective.value(1) == 6);
  CHECK(after({"v", true, "best"}, {1}).all().empty());
}

TEST_CASE("the past is what the strategy counted: repeats are left out, values are minimised") {
  Scene scene(
      "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: maximize}\n"
      "sampler: random\nparameters: {x: {min: 0.0, max: 1.0}}\n");
  store::Store& db = *scene.store;
  const auto add = [&](int number, const std::string& kind) {
    store::NewTrial trial;
    trial.number = number;
    trial.kind = kind;
    trial.config.set("x", 0.1 * number);
    if (kind == "repeat") trial.parent = 1;
    db.add_trial(scene.study, trial);
    db.add_step(scene.study, number, {1, {{"v", 1.0 * number}}, {}}, 1.0 * number);
  };
  const auto finish = [&](int number) {
    store::TrialEnd end;
    end.value = 1.0 * number;
    db.finish_trial(scene.study, number, end);
  };
  add(1, "search");
  finish(1);
  add(2, "repeat");
  finish(2);
  add(3, "search");  // runs
  add(4, "search");
  db.add_rung(scene.study, {4, 1, -4.0});
  db.set_state(scene.study, 4, store::State::paused);
  const Past past = read_past(db, scene.study, scene.spec);
  REQUIRE(past.trials.size() == 3);
  CHECK(past.last_number == 4);
  CHECK(past.numbering.number(2) == 3);
  CHECK(past.numbering.id(4) == 3);
  CHECK(past.trials[0].outcome == search::Outcome::completed);
  CHECK(past.trials[0].value == -1.0);
  CHECK(past.trials[1].outcome == search::Outcome::pending);
  CHECK(!past.trials[1].value.has_value());
  CHECK(past.trials[1].steps == 1);
  CHECK(past.trials[2].paused);
  CHECK(past.trials[2].value == -4.0);
  REQUIRE(past.trials[2].reports.size() == 1);
  CHECK(past.trials[2].reports[0].value == -4.0);
}
