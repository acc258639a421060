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

TEST_CASE("hyperband: no step is made twice, and what is not promoted is stopped on the way") {
  Scene scene(simulated_study("strategy: {type: hyperband, max_steps: 9}\ntrials: 17\nseed: 5\n"));
  int measured = 0, stopped_early = 0;
  const Summary summary = scene.go(falling(9), devices(2), [&](const Progress& progress) {
    measured += progress.kind == Progress::Kind::measurement;
    stopped_early += progress.kind == Progress::Kind::trial_finished &&
                     progress.reason == "not promoted" && progress.summary->completed < 2;
  });
  CHECK(summary.paused == 0);
  CHECK(scene.all_finished());
  CHECK(stopped_early > 0);
  int steps = 0;
  std::map<int, int> ends;
  for (const auto& trial : scene.store->trials(scene.study)) {
    steps += trial.steps;
    ++ends[trial.steps];
    if (trial.state == store::State::stopped)
      CHECK(!scene.store->load_checkpoint(scene.study, trial.number, "resume"));
  }
  CHECK(measured == steps);
  CHECK(ends == std::map<int, int>{{1, 6}, {3, 2 + 4}, {9, 1 + 1 + 3}});
}

TEST_CASE(
    "pbt: a copy goes on at its parent's step with its state, and a killed study ends alike") {
  const char* pbt =
      "strategy: {type: pbt, max_steps: 9, population: 5, interval: 3, quantile: 0.4}\n"
      "trials: 9\nseed: 5\n";
  Scene whole(simulated_study(pbt));
  int measured = 0;
  const Summary summary = whole.go(falling(9), devices(1), [&](const Progress& progress) {
    measured += progress.kind == Progress::Kind::measurement;
  });
  CHECK(summary.why == "all trials done");
  CHECK(whole.all_finished());
  CHECK(whole.events("cloned") == 4);
  int rows = 0;
  for (const auto& trial : whole.store->trials(whole.study)) {
    const auto curve = whole.store->curve(whole.study, trial.number);
    rows += static_cast<int>(curve.size());
    if (!trial.parent) continue;
    CHECK(curve.front().step % 3 == 1);
    CHECK(curve.front().step > 1);
    const auto parent = whole.store->trial(whole.study, *trial.parent);
    CHECK(parent.steps >= curve.front().step - 1);
    CHECK(trial.config != parent.config);
  }
  CHECK(measured == rows);  // nobody trained a step of his parent again
  struct Killed {};
  for (int cut = 1; cut < measured; cut += 2) {
    CAPTURE(cut);
    Scene scene(simulated_study(pbt));
    int seen = 0;
    try {
      (void)scene.go(falling(9), devices(1), [&](const Progress& progress) {
        if (progress.kind == Progress::Kind::measurement && ++seen == cut) throw Killed();
      });
    } catch (const Killed&) {
    }
    scene.open();
    (void)scene.go(falling(9), devices(1));
    // Where the kill came between a pause and its saved state, a copy starts at the state there is: some of its steps are more.
    const auto now = scene.store->trials(scene.study), then = whole.store->trials(whole.study);
    REQUIRE(now.size() == then.size());
    for (std::size_t i = 0; i < now.size(); ++i) {
      CHECK(now[i].config == then[i].config);
      CHECK(now[i].state == then[i].state);
      CHECK(now[i].steps == then[i].steps);
      CHECK(now[i].parent == then[i].parent);
    }
  }
}

TEST_CASE("several objectives: a sampler that needs them sees them, also after a restart") {
  const char* two =
      "study: s\nobjective: {command: [/bin/true]}\nmetric: [{name: v, goal: minimize}, {name: w, "
      "goal: maximize}]\nsampler: {type: nsga2, population: 6}\nparameters: {x: {min: 0.0, max: "
      "1.0}, size: {min: 1, max: 4}}\ntrials: 30\nseed: 5\n";
  Scene whole(two);
  (void)whole.go(falling(3), devices(1));
  CHECK(whole.count(store::State::completed) == 30);
  for (const auto& trial : whole.store->trials(whole.study)) {
    REQUIRE(trial.objectives.size() == 2);
    CHECK(trial.objectives[0] == *trial.value);
    CHECK(trial.objectives[1] == number(trial.config, "x") * 3);
  }
  Scene parts(two);
  parts.spec.trials = 17;
  (void)parts.go(falling(3), devices(1));
  parts.open();
  parts.spec.trials = 30;
  (void)parts.go(falling(3), devices(1));
  CHECK(parts.rows() == whole.rows());
}
