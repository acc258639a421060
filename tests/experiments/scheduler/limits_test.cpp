// The limits of a study, and stopping trials by hand.
#include <mutex>
#include <thread>

#include "experiments/scheduler/loop.h"
#include "experiments/scheduler/past.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

TEST_CASE("a reached target ends the study; what runs is stopped with its value") {
  Scene scene(simulated_study("trials: 50\nlimits: {target: 0.35}\n"));
  const Summary summary = scene.go(falling(5), devices(3));
  CHECK(summary.why == "target reached");
  CHECK(!summary.interrupted);
  CHECK(*summary.best_value <= 0.35);
  CHECK(scene.all_finished());
  CHECK(scene.store->trials(scene.study).size() < 50);
  CHECK(scene.store->find_study("s")->state == "finished");
  bool stopped = false;
  for (const auto& trial : scene.store->trials(scene.study))
    stopped = stopped || (trial.state == store::State::stopped && trial.reason == "target reached");
  CHECK(stopped);
}

TEST_CASE("wall time pauses the study, and the same command continues it to the same total") {
  Scene scene(simulated_study("trials: 12\nlimits: {wall_time: 20}\n"));
  const Summary first = scene.go(falling(5), devices(2));
  CHECK(first.why == "time limit reached");
  CHECK(first.seconds >= 20);
  CHECK(first.seconds < 24);  // a step is at most two seconds
  CHECK(first.completed < 12);
  CHECK(scene.count(store::State::running) == 0);
  int runs = 1;
  for (; runs < 20 && scene.go(falling(5), devices(2)).why == "time limit reached"; ++runs) {
  }
  CHECK(runs > 1);
  CHECK(scene.count(store::State::completed) == 12);
  Scene whole(simulated_study("trials: 12\n"));
  (void)whole.go(falling(5), devices(2));
  CHECK(scene.rows() == whole.rows());  // random draws do not depend on results
}

TEST_CASE("device time counts every lane, and earlier runs") {
  Scene scene(simulated_study("trials: 40\nlimits: {device_time: 60}\n"));
  const Summary summary = scene.go(falling(5), devices(3));
  CHECK(summary.why == "device time limit reached");
  CHECK(summary.seconds >= 20);
  CHECK(summary.seconds < 26);
  CHECK(scene.all_finished() == false);
}

TEST_CASE("a trial past its time is stopped and keeps its value; the others go on") {
  Scene scene(simulated_study("trials: 20\nlimits: {trial_time: 7}\n"));
  (void)scene.go(falling(5), devices(2));
  CHECK(scene.all_finished());
  int stopped = 0;
  for (const auto& trial : scene.store->trials(scene.study)) {
    const bool slow = 5 * (1 + number(trial.config, "x")) > 9;  // certainly over
    if (slow) CHECK(trial.state == store::State::stopped);
    if (trial.state != store::State::stopped) continue;
    ++stopped;
    CHECK(trial.reason == "trial_time of 7 s reached");
    CHECK(trial.value.has_value());
    CHECK(trial.steps < 5);
  }
  CHECK(stopped > 0);
  CHECK(stopped < 20);
}

TEST_CASE("edits over the socket reach the running study") {
  Scene scene(simulated_study("trials: 4\n"));
  VirtualClock clock;
  SimulatedExecutor executor(falling(5), devices(2), clock);
  store::WriterSocket socket(scene.folder.db());
  Json replies = Json::array();
  std::vector<std::jthread> askers;
  std::mutex mutex;
  // Asked from other threads: the writer answers between two turns.
  const auto ask = [&](Json request) {
    askers.emplace_back([&, request] {
      const Json reply = store::send_to_writer(scene.folder.db(), request);
      const std::lock_guard lock(mutex);
      replies.push_back(reply);
    });
  };
  ask({{"do", "stop"}, {"study", "s"}, {"number", 99}});
  ask({{"do", "dance"}, {"study", "s"}});
  ask({{"do", "note"}});
  ask({{"do", "note"}, {"study", "s"}, {"text", "hello"}});
  std::size_t answered = 0;
  while (answered < 4) {
    // The same handler the loop has, here until all have been heard.
    std::stop_source stop;
    stop.request_stop();
    const auto strategy = scene.strategy();
    VirtualClock other;
    SimulatedExecutor idle(falling(5), devices(2), other);
    (void)run(*strategy, idle, *scene.store, scene.study, scene.spec, other, {stop.get_token(), {}},
              {}, &socket);
    const std::lock_guard lock(mutex);
    answered = replies.size();
  }
  askers.clear();
  int errors = 0;
  for (const Json& reply : replies) errors += reply.contains("error") ? 1 : 0;
  CHECK(errors == 3);
  CHECK(scene.store->find_study("s")->note == "hello");
}

TEST_CASE("trial_steps: stopped exactly there with its value; shorter trainings complete") {
  Scene scene(simulated_study("trials: 5\nlimits: {trial_steps: 3}\n"));
  CHECK(scene.go(falling(9), devices(2)).stopped == 5);
  for (const auto& trial : scene.store->trials(scene.study)) {
    CHECK(trial.steps == 3);
    CHECK(trial.value.has_value());
    CHECK(trial.reason == "limits.trial_steps of 3 reached");
  }
  Scene whole(simulated_study("trials: 5\nlimits: {trial_steps: 3}\n"));
  CHECK(whole.go(falling(3), devices(2)).completed == 5);
}

TEST_CASE("a trial that is stopped where it waits for its verdict gets an answer") {
  Scene scene(simulated_study(
      "strategy: {type: asha, max_steps: 9, eta: 3}\ntrials: 6\nlimits: {trial_steps: 1}\n"));
  CHECK(scene.go(falling(9), devices(2)).stopped == 6);
  CHECK(scene.all_finished());
}

TEST_CASE(
    "a trial that breaks a limit on what is measured is infeasible: not the best, no target, no "
    "result") {
  // w = x at the first step, v falls towards x = 0.3: with the limit the best x is the largest one allowed.
  Scene scene(
      simulated_study("trials: 30\nrequire: [\"w <= 0.8\", \"v < 9\"]\nlimits: {target: 0.1}\n"));
  const Summary summary = scene.go(falling(4), devices(2));
  CHECK(summary.infeasible > 5);
  CHECK(summary.completed > 2);
  int broken = 0;
  for (const auto& trial : scene.store->trials(scene.study)) {
    const double w = 4 * number(trial.config, "x");  // at the best step, the last
    if (w <= 0.8) {
      CHECK(trial.state == store::State::completed);
      continue;
    }
    ++broken;
    CHECK(trial.state == store::State::infeasible);
    CHECK(trial.reason.starts_with("require w <= 0.8: w "));
    CHECK(trial.value.has_value());
    CHECK(trial.number != summary.best);
  }
  CHECK(broken == summary.infeasible);
  const Past past = read_past(*scene.store, scene.study, scene.spec);
  REQUIRE(past.trials.size() == 30);
  for (const search::PastTrial& trial : past.trials) {
    REQUIRE(trial.margins.size() == 2);
    CHECK(trial.margins[0] == doctest::Approx(4 * number(trial.config, "x") - 0.8));
    CHECK(trial.margins[1] < 0);
  }
}

TEST_CASE("samplers keep away from where a limit on what is measured was broken") {
  // Unlimited, v is least at x = 0.3; allowed is x <= 0.2.
  for (const char* sampler : {"gp", "tpe", "cmaes"}) {
    CAPTURE(sampler);
    std::string text = simulated_study("trials: 60\nrequire: [\"w <= 0.8\"]\n");
    text.replace(text.find("sampler: random"), 15, std::string("sampler: ") + sampler);
    Scene scene(text);
    const Summary summary = scene.go(falling(4), devices(1));
    REQUIRE(summary.best);
    const double x = number(scene.store->trial(scene.study, *summary.best).config, "x");
    CHECK(x <= 0.2);
    CHECK(x > (std::string(sampler) == "gp" ? 0.19 : 0.1));  // gp learns where the limit lies
    int allowed = 0;
    for (const auto& trial : scene.store->trials(scene.study))
      allowed += trial.number > 20 && trial.state == store::State::completed;
    CHECK(allowed >= 16);  // at random it would be 8 of 40
  }
}

TEST_CASE("a study with limits that is cut short again and again searches like one that is not") {
  const auto text = [](const std::string& more) {
    std::string out = simulated_study("trials: 16\nrequire: [\"w <= 0.8\"]\n" + more);
    return out.replace(out.find("sampler: random"), 15, "sampler: gp");
  };
  Scene cut(text("limits: {wall_time: 12}\n"));
  int runs = 1;
  while (cut.go(falling(4), devices(1)).why == "time limit reached" && runs < 40) ++runs;
  CHECK(runs > 3);
  Scene whole(text(""));
  (void)whole.go(falling(4), devices(1));
  CHECK(cut.rows() == whole.rows());
}

TEST_CASE("limits.regret ends a study when little is left to gain, and says so") {
  std::string text = simulated_study("trials: 200\nlimits: {regret: 0.02}\n");
  text.replace(text.find("sampler: random"), 15, "sampler: gp");
  Scene scene(text);
  const Summary summary = scene.go(falling(3), devices(1));
  CHECK(summary.why == "expected regret reached");
  CHECK(scene.events("regret") == 1);
  CHECK(summary.completed < 100);
  CHECK(summary.completed >= 6);
  // The least v: x near 0.3, less the slope of the transient.
  double least = HUGE_VAL;
  for (double x = 0; x <= 1; x += 0.001)
    least = std::min(least, (x - 0.3) * (x - 0.3) + (1 + x) / 4);
  CHECK(*summary.best_value - least < 0.02);
  Scene loose(simulated_study("trials: 12\nlimits: {regret: 0}\n"));
  CHECK(loose.go(falling(3), devices(1)).why == "all trials done");
}
