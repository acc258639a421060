#include "experiments/scheduler/loop.h"

#include <cmath>
#include <map>

#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const char* asha = "strategy: {type: asha, max_steps: 9, eta: 3}\ntrials: 30\nseed: 5\n";

}  // namespace

TEST_CASE("every trial of a search ends, and the summary counts what the database holds") {
  Scene scene(simulated_study("trials: 20\n"));
  const Summary summary = scene.go(falling(4), devices(3));
  CHECK(summary.completed == 20);
  CHECK(summary.planned == 20);
  CHECK(summary.why == "all trials done");
  CHECK(!summary.interrupted);
  CHECK(scene.count(store::State::completed) == 20);
  CHECK(scene.store->find_study("s")->state == "finished");
  REQUIRE(summary.best.has_value());
  double best = INFINITY;
  for (const auto& trial : scene.store->trials(scene.study)) {
    CHECK(trial.steps == 4);
    CHECK(trial.best_step == 4);
    CHECK(scene.store->curve(scene.study, trial.number).size() == 4);
    best = std::min(best, *trial.value);
  }
  CHECK(*summary.best_value == best);
  CHECK(scene.store->trial(scene.study, *summary.best).value == best);
  CHECK(summary.concurrency > 2.5);
  CHECK(summary.concurrency <= 3);
  // Nothing is left to do.
  const auto before = scene.rows();
  CHECK(scene.go(falling(4), devices(3)).completed == 20);
  CHECK(scene.rows() == before);
}

TEST_CASE("the observer learns of each start, step and end, after it is in the database") {
  Scene scene(simulated_study("trials: 6\n"));
  std::map<Progress::Kind, int> seen;
  (void)scene.go(falling(3), devices(2), [&](const Progress& progress) {
    ++seen[progress.kind];
    REQUIRE(progress.summary != nullptr);
    if (progress.kind == Progress::Kind::measurement) {
      const auto curve = scene.store->curve(scene.study, progress.number);
      REQUIRE(!curve.empty());
      CHECK(curve.back().step >= progress.step);
      CHECK(progress.results->front().first == "v");
      CHECK(progress.config->size() == 2);
    }
    if (progress.kind == Progress::Kind::trial_finished)
      CHECK(store::is_finished(scene.store->trial(scene.study, progress.number).state));
  });
  CHECK(seen[Progress::Kind::study_started] == 1);
  CHECK(seen[Progress::Kind::trial_started] == 6);
  CHECK(seen[Progress::Kind::measurement] == 18);
  CHECK(seen[Progress::Kind::trial_finished] == 6);
  CHECK(seen[Progress::Kind::study_finished] == 1);
  CHECK(seen[Progress::Kind::best] >= 1);
}

TEST_CASE("asha pauses at its rungs, continues the best, and leaves nobody paused at the end") {
  Scene scene(simulated_study(asha));
  const Summary summary = scene.go(falling(9), devices(4));
  CHECK(scene.all_finished());
  CHECK(summary.paused == 0);
  std::map<int, int> steps;
  for (const auto& trial : scene.store->trials(scene.study)) {
    ++steps[trial.steps];
    CHECK((trial.state == store::State::completed) == (trial.steps == 9));
    if (trial.steps < 9) CHECK(trial.reason == "not promoted");
  }
  CHECK(steps[1] + steps[3] + steps[9] == 30);  // none stops between rungs
  CHECK(steps[1] >= 15);
  CHECK(steps[9] >= 2);
  // Each of the best third at a rung went on, each rung value is what the study's curve says.
  for (const auto& rung : scene.store->rungs(scene.study)) {
    const auto curve = scene.store->curve(scene.study, rung.number);
    CHECK(curve[static_cast<std::size_t>(rung.step) - 1].results.front().second == rung.value);
  }
  CHECK(scene.events("paused") > 0);
  CHECK(scene.events("resumed") > 0);
}

TEST_CASE("a run broken at any commit and started again ends as an uninterrupted one") {
  for (const char* how : {"trials: 8\n", asha}) {
    Scene whole(simulated_study(how));
    (void)whole.go(falling(9), devices(1));
    const auto expected = whole.rows();
    for (const int every : {1, 2, 3, 5, 7, 11}) {
      Scene scene(simulated_study(how));
      int breaks = 0;
      for (bool over = false; !over && breaks < 1000;) {
        int seen = 0;
        try {
          (void)scene.go(falling(9), devices(1), [&](const Progress& progress) {
            const bool counts = progress.kind == Progress::Kind::measurement ||
                                progress.kind == Progress::Kind::trial_finished;
            if (counts && ++seen == every) throw std::runtime_error("power cut");
          });
          over = true;
        } catch (const std::runtime_error&) {
          ++breaks;
          scene.open();
        }
      }
      CHECK(breaks > 5);
      CHECK(scene.rows() == expected);
      CHECK(scene.store->find_study("s")->state == "finished");
    }
  }
}

TEST_CASE("with several lanes a broken run has exactly the planned trials and every step once") {
  Scene scene(simulated_study(asha));
  int breaks = 0;
  for (bool over = false; !over && breaks < 1000;) {
    int seen = 0;
    try {
      (void)scene.go(falling(9), devices(3), [&](const Progress& progress) {
        if (progress.kind == Progress::Kind::measurement && ++seen == 5)
          throw std::runtime_error("power cut");
      });
      over = true;
    } catch (const std::runtime_error&) {
      ++breaks;
      scene.open();
    }
  }
  CHECK(breaks > 5);
  CHECK(scene.store->trials(scene.study).size() == 30);
  CHECK(scene.all_finished());
  for (const auto& trial : scene.store->trials(scene.study)) {
    const auto curve = scene.store->curve(scene.study, trial.number);
    REQUIRE(static_cast<int>(curve.size()) == trial.steps);
    for (std::size_t i = 0; i < curve.size(); ++i) {
      CHECK(curve[i].step == static_cast<int>(i) + 1);
      CHECK(curve[i].results == falling(9).step(trial.config, curve[i].step).results);
    }
  }
}

TEST_CASE("a pause request leaves every trial paused and the next run as if nothing had been") {
  Scene whole(simulated_study(asha));
  (void)whole.go(falling(9), devices(1));
  Scene scene(simulated_study(asha));
  for (int at = 3; at < 60; at += 7) {
    std::stop_source pause;
    int seen = 0;
    const Summary summary =
        scene.go(falling(9), devices(1),
                 [&](const Progress& progress) {
                   if (progress.kind == Progress::Kind::measurement && ++seen == at)
                     pause.request_stop();
                 },
                 {pause.get_token(), {}});
    if (seen < at) break;
    CHECK(summary.interrupted);
    CHECK(scene.store->find_study("s")->state == "interrupted");
    CHECK(scene.count(store::State::running) == 0);
    scene.open();
  }
  (void)scene.go(falling(9), devices(1));
  CHECK(scene.rows() == whole.rows());
}

TEST_CASE("the second request leaves at once and marks what ran") {
  Scene scene(simulated_study("trials: 10\n"));
  std::stop_source pause, abandon;
  const Summary summary =
      scene.go(falling(9), devices(3),
               [&](const Progress& progress) {
                 if (progress.kind == Progress::Kind::measurement && progress.step == 3) {
                   pause.request_stop();
                   abandon.request_stop();
                 }
               },
               {pause.get_token(), abandon.get_token()});
  CHECK(summary.interrupted);
  CHECK(scene.count(store::State::interrupted) == 3);
  (void)scene.go(falling(9), devices(3));
  CHECK(scene.count(store::State::completed) == 10);
}

TEST_CASE("trials fail, diverge and are infeasible with a reason, and the search goes on") {
  Scene scene(simulated_study("trials: 12\n"));
  SimulatedObjective objective = falling(3);
  objective.step = [inner = objective.step](const Config& config, int step) {
    SimulatedStep made = inner(config, step);
    if (number(config, "x") > 0.6 && step == 2) made.results[0].second = std::nan("");
    return made;
  };
  const Summary summary = scene.go(objective, devices(2, 3));  // size 4 fits nowhere
  CHECK(scene.all_finished());
  int diverged = 0, infeasible = 0;
  for (const auto& trial : scene.store->trials(scene.study)) {
    if (number(trial.config, "size") > 3) {
      ++infeasible;
      CHECK(trial.state == store::State::infeasible);
      CHECK(contains(trial.reason, "the largest device has"));
      CHECK(trial.steps == 0);
    } else if (number(trial.config, "x") > 0.6) {
      ++diverged;
      CHECK(trial.state == store::State::diverged);
      CHECK(trial.steps == 2);
    } else {
      CHECK(trial.state == store::State::completed);
    }
  }
  CHECK(summary.diverged == diverged);
  CHECK(summary.infeasible == infeasible);
  CHECK(diverged > 0);
  CHECK(infeasible > 0);
  CHECK(summary.completed + diverged + infeasible == 12);

  Scene other(simulated_study("trials: 2\n"));
  objective.step = [](const Config&, int) { return SimulatedStep{1, {{"u", 1.0}}}; };
  (void)other.go(objective, devices(1));
  for (const auto& trial : other.store->trials(other.study)) {
    CHECK(trial.state == store::State::failed);
    CHECK(trial.reason == "metric 'v' was never reported; found u");
  }
  Scene silent(simulated_study("trials: 2\n"));
  objective.steps = 0;
  (void)silent.go(objective, devices(1));
  for (const auto& trial : silent.store->trials(silent.study))
    CHECK(trial.reason == "no measurement");
}

TEST_CASE("a replayed step that is not equal fails its trial as not reproducible") {
  Scene scene(simulated_study("trials: 2\n"));
  int seen = 0;
  CHECK_THROWS_AS((void)scene.go(falling(6), devices(1),
                                 [&](const Progress& p) {
                                   if (p.kind == Progress::Kind::measurement && ++seen == 3)
                                     throw std::runtime_error("power cut");
                                 }),
                  std::runtime_error);
  SimulatedObjective drifting = falling(6);
  drifting.step = [inner = drifting.step](const Config& config, int step) {
    SimulatedStep made = inner(config, step);
    made.results[0].second += 1e-9;
    return made;
  };
  (void)scene.go(drifting, devices(1));
  const auto trial = scene.store->trial(scene.study, 1);
  CHECK(trial.state == store::State::failed);
  CHECK(contains(trial.reason, "not reproducible"));
  CHECK(scene.store->trial(scene.study, 2).state == store::State::completed);
}
