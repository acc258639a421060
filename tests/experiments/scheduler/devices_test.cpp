// Many unequal devices, and devices that are lost.
#include <map>

#include "experiments/scheduler/loop.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

/// Knows what the strategy wants that no lane has yet.
class WatchedStrategy final : public search::Strategy {
 public:
  explicit WatchedStrategy(std::unique_ptr<search::Strategy> inner) : inner_(std::move(inner)) {}
  search::Ask ask() override {
    search::Ask wish = inner_->ask();
    in_vain = std::holds_alternative<search::Wait>(wish) ||
              std::holds_alternative<search::Finished>(wish);
    if (!in_vain) ++wanted;
    return wish;
  }
  int next_decision(int n) const override { return inner_->next_decision(n); }
  search::Verdict report(int n, const search::Report& r) override { return inner_->report(n, r); }
  void tell(int n, const search::Ending& e) override { inner_->tell(n, e); }
  void replay(std::span<const search::PastTrial> trials) override { inner_->replay(trials); }
  int budget_of(int n) const override { return inner_->budget_of(n); }

  int wanted = 0;
  bool in_vain = false;

 private:
  std::unique_ptr<search::Strategy> inner_;
};

/// Splits the occupancy of lanes into the time in which something waits for one and the rest.
class WatchedExecutor final : public Executor {
 public:
  WatchedExecutor(SimulatedExecutor& inner, const WatchedStrategy& strategy)
      : inner_(inner), strategy_(strategy) {}
  bool has_room(const Config& config) const override { return inner_.has_room(config); }
  std::optional<std::string> infeasible(const Config& config) const override {
    return inner_.infeasible(config);
  }
  Placement start(const Launch& launch) override {
    ++starts_;
    return inner_.start(launch);
  }
  void answer(int n, search::Verdict v, int at) override { inner_.answer(n, v, at); }
  void halt(int n, Halt how) override { inner_.halt(n, how); }
  void save(int n) override { inner_.save(n); }
  std::optional<ExecutorEvent> next(double seconds) override {
    const bool waits = strategy_.wanted + lost > starts_ || !strategy_.in_vain;
    const Occupancy before = inner_.occupancy();
    auto event = inner_.next(seconds);
    (waits ? busy : tail_busy) += inner_.occupancy().busy - before.busy;
    (waits ? idle : tail_idle) += inner_.occupancy().idle - before.idle;
    const auto* ended = event ? std::get_if<Ended>(&*event) : nullptr;
    if (ended && ended->how == Ended::How::lost) ++lost;
    return event;
  }
  int lanes() const override { return inner_.lanes(); }
  int lookahead() const override { return inner_.lookahead(); }

  double busy = 0, idle = 0, tail_busy = 0, tail_idle = 0;
  int lost = 0;

 private:
  SimulatedExecutor& inner_;
  const WatchedStrategy& strategy_;
  int starts_ = 0;
};

constexpr std::size_t gigabyte = 1000000000;

}  // namespace

TEST_CASE("8 unequal GPUs, 1,000 trials under asha and two lost devices: lanes stay occupied") {
  Scene scene(
      "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: minimize}\n"
      "sampler: random\nparameters: {x: {min: 0.0, max: 1.0}, width: {min: 4.0, max: 10.0}}\n"
      "strategy: {type: asha, max_steps: 27, eta: 3}\ntrials: 1000\nseed: 11\n");
  SimulatedObjective objective = falling(27);
  objective.bytes = [](const Config& config) {
    return static_cast<std::size_t>(number(config, "width") * 1e9);
  };
  objective.step = [inner = objective.step](const Config& config, int step) {
    SimulatedStep made = inner(config, step);
    made.seconds = 5 + 4 * number(config, "width") + 3 * number(config, "x");
    return made;
  };
  const std::vector<SimulatedDevice> gpus{
      {"gpu0", "a", 4.0, 80 * gigabyte}, {"gpu1", "a", 4.0, 80 * gigabyte, 150},
      {"gpu2", "a", 2.5, 48 * gigabyte}, {"gpu3", "a", 2.0, 40 * gigabyte},
      {"gpu4", "a", 1.5, 24 * gigabyte}, {"gpu5", "a", 1.2, 24 * gigabyte, 300},
      {"gpu6", "a", 1.0, 16 * gigabyte}, {"gpu7", "a", 0.7, 11 * gigabyte}};
  VirtualClock clock;
  SimulatedExecutor simulated(objective, gpus, clock);
  simulated.count_idle_for(4 * gigabyte);  // the smallest trial there can be
  WatchedStrategy strategy(scene.strategy());
  WatchedExecutor executor(simulated, strategy);
  const Summary summary =
      run(strategy, executor, *scene.store, scene.study, scene.spec, clock, {}, {});

  const double occupied = executor.busy / (executor.busy + executor.idle);
  const double tail = executor.tail_busy + executor.tail_idle;
  MESSAGE("lanes occupied while anything waits: "
          << 100 * occupied << " % of " << executor.busy + executor.idle << " lane-seconds; tail: "
          << 100 * executor.tail_busy / tail << " % of " << tail << "; virtual time "
          << summary.seconds << " s; trials lost with a device " << executor.lost);
  CHECK(occupied >= 0.95);
  CHECK(executor.busy > 4 * executor.tail_busy);  // the tail is the smaller part
  for (const SimulatedDevice& gpu : gpus) {
    const std::size_t most = simulated.occupancy().most_bytes.at(gpu.name);
    CHECK(most <= gpu.memory);
    CHECK(most > gpu.memory / 2);
  }
  // Every trial is accounted for, with every one of its steps.
  CHECK(executor.lost > 10);
  CHECK(scene.events("device_lost") == 2);
  CHECK(scene.events("retried") == executor.lost);
  const auto trials = scene.store->trials(scene.study);
  REQUIRE(trials.size() == 1000);
  CHECK(scene.all_finished());
  CHECK(summary.completed + summary.stopped == 1000);
  CHECK(summary.completed >= 1000 / 27);
  for (const auto& trial : trials) {
    CHECK((trial.steps == 1 || trial.steps == 3 || trial.steps == 9 || trial.steps == 27));
    CHECK(static_cast<int>(scene.store->curve(scene.study, trial.number).size()) == trial.steps);
    CHECK((trial.state == store::State::completed) == (trial.steps == 27));
  }
}

TEST_CASE("trials of a lost device start again from their last checkpoint elsewhere") {
  Scene scene(simulated_study("trials: 12\n"));
  auto three = devices(3);
  three[0].lost_at = 7;
  three[2].lost_at = 31;
  const Summary summary = scene.go(falling(10), three);
  CHECK(summary.completed == 12);
  CHECK(scene.events("device_lost") == 2);
  CHECK(scene.events("retried") == 2);
  for (const auto& trial : scene.store->trials(scene.study)) {
    CHECK(trial.steps == 10);
    CHECK(scene.store->curve(scene.study, trial.number).size() == 10);
  }
}

TEST_CASE("a trial that is lost more often than allowed fails with the reason") {
  Scene scene(simulated_study("trials: 6\nlimits: {retries: 0}\n"));
  auto two = devices(2);
  two[0].lost_at = 3;
  (void)scene.go(falling(5), two);
  CHECK(scene.all_finished());
  CHECK(scene.count(store::State::failed) == 1);
  CHECK(scene.count(store::State::completed) == 5);
  for (const auto& trial : scene.store->trials(scene.study))
    if (trial.state == store::State::failed)
      CHECK(trial.reason == "lost with device gpu0 (tried 1 times)");
}

TEST_CASE("steps made on another kind of device are not continued but made again") {
  Scene scene(simulated_study("trials: 3\n"));
  auto mixed = devices(2);
  mixed[0].lost_at = 5;
  mixed[0].speed = 2;
  mixed[1].kind = "other";
  CHECK(scene.go(falling(6), mixed).completed == 3);
  bool said = false;
  for (const auto& event : scene.store->events(scene.study))
    said = said || contains(event.text, "restarted on other: its steps were made on simulated");
  CHECK(said);
  for (const auto& trial : scene.store->trials(scene.study))
    CHECK(scene.store->curve(scene.study, trial.number).size() == 6);
}

TEST_CASE("without any device left the run fails, and a later one finishes the study") {
  Scene scene(simulated_study("trials: 8\n"));
  auto two = devices(2);
  two[0].lost_at = 5;
  two[1].lost_at = 9;
  CHECK_THROWS_AS((void)scene.go(falling(5), two), DeviceError);
  scene.open();
  CHECK(scene.go(falling(5), devices(2)).completed == 8);
  CHECK(scene.store->trials(scene.study).size() == 8);
}

TEST_CASE("a paused trial whose device is lost is promoted all the same") {
  for (const double at : {2.0, 5.0, 9.0, 14.0, 21.0}) {
    Scene scene(
        simulated_study("strategy: {type: asha, max_steps: 9, eta: 3}\ntrials: 20\nseed: 3\n"));
    auto three = devices(3);
    three[1].lost_at = at;
    (void)scene.go(falling(9), three);
    CHECK(scene.all_finished());
    CHECK(scene.count(store::State::completed) >= 2);
    CHECK(scene.store->trials(scene.study).size() == 20);
  }
}

TEST_CASE("recorded traces replay as trials, and a damaged line is refused with its number") {
  std::istringstream lines(
      "{\"trial\": 1, \"step\": 1, \"seconds\": 2, \"metrics\": {\"v\": 0.5}}\n\n"
      "{\"trial\": 1, \"step\": 2, \"seconds\": 3, \"metrics\": {\"v\": 0.25}}\n"
      "{\"trial\": 2, \"step\": 1, \"seconds\": 2, \"metrics\": {\"v\": 0.75}}\n"
      "{\"trial\": 2, \"step\": 2, \"seconds\": 2, \"metrics\": {\"v\": 0.7}}\n");
  const auto objective = SimulatedObjective::from_traces(lines);
  CHECK(objective.steps == 2);
  Scene scene(
      "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: minimize}\n"
      "sampler: grid\nparameters: {trial: {min: 1, max: 2}}\ntrials: 5\n");
  const Summary summary = scene.go(objective, devices(1));
  CHECK(summary.why == "space exhausted");
  CHECK(summary.seconds == 9);
  CHECK(summary.best_value == 0.25);
  std::istringstream damaged(
      "{\"trial\": 1, \"step\": 1, \"seconds\": 2, \"metrics\": {}}\n{\"tri\n");
  CHECK(contains(refusal([&] { (void)SimulatedObjective::from_traces(damaged); }), "line 2"));
}
