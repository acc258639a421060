#include "experiments/scheduler/cohort_executor.h"

#include <doctest/doctest.h>

#include <climits>
#include <latch>
#include <set>
#include <string_view>

#include "core/rng.h"
#include "experiments/scheduler/loop.h"
#include "tests/engine/cuda/host_gpus.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;
using vernier::engine::cuda::testing::host_gpus;
using vernier::engine::cuda::testing::HostGpu;

namespace {

std::string study(const std::string& strategy, int trials, const std::string& devices) {
  return fmt::format(R"(version: 1
study: tiny
data: {{set: xor, n: 200}}
model: {{type: mlp, depth: 1}}
train: {{epochs: 4, batch_size: 32}}
sampler: random
strategy: {}
seed: 3
trials: {}
resources: {{devices: "{}"}}
parameters:
  model.width: {{values: [4, 8, 48]}}
  train.lr: {{min: 1.0e-4, max: 1.0e-1, log: true}}
  train.batch_size: {{values: [16, 32]}}
)",
                     strategy, trials, devices);
}

struct Search {
  Search(const std::string& text, std::vector<HostGpu> list)
      : scene(text),
        gpus(std::move(list)),
        engine({.data_dirs = {}, .log = null_log(), .gpus = host_gpus(gpus)}) {}
  void go() {
    CohortExecutor executor(scene.spec, engine);
    const SystemClock clock;
    run(*scene.strategy(), executor, *scene.store, scene.study, scene.spec, clock, {}, {});
  }
  std::set<std::string> devices() const {
    std::set<std::string> used;
    for (const auto& trial : scene.store->trials(scene.study)) used.insert(trial.device);
    return used;
  }
  Scene scene;
  std::vector<HostGpu> gpus;
  engine::Engine engine;
};

Launch launch_of(const Search& search, int number, int until) {
  Launch launch;
  launch.number = number;
  launch.config.set("model.width", Value(std::int64_t{8}));
  launch.config.set("train.lr", Value(0.01));
  launch.config.set("train.batch_size", Value(std::int64_t{32}));
  launch.until = until;
  launch.decide_at = INT_MAX;
  launch.seed = search.scene.spec.seed;
  return launch;
}

/// The next event of trial `number` that is no heartbeat.
ExecutorEvent event_of(Executor& executor, int number) {
  for (int i = 0; i < 600; ++i) {
    auto event = executor.next(0.1);
    if (!event) continue;
    if (const auto* measured = std::get_if<Measured>(&*event))
      if (measured->number == number) return std::move(*event);
    if (const auto* saved = std::get_if<Saved>(&*event))
      if (saved->number == number) return std::move(*event);
    if (const auto* ended = std::get_if<Ended>(&*event))
      if (ended->number == number) return std::move(*event);
  }
  FAIL("no event");
  return Heartbeat{};
}

Ended end_of(Executor& executor, int number) {
  for (;;) {
    ExecutorEvent event = event_of(executor, number);
    if (auto* ended = std::get_if<Ended>(&event)) return std::move(*ended);
  }
}

}  // namespace

TEST_CASE(
    "a search on two GPUs of different memory finds what it finds on one, within the memory of "
    "each") {
  const std::string text = study("full", 24, "gpu:0");
  Search alone(text, {HostGpu{}});
  alone.go();
  CHECK(alone.scene.count(store::State::completed) == 24);
  CHECK(alone.devices() == std::set<std::string>{"gpu0"});

  // The smaller has room for a few narrow networks, and for none of the widest.
  const auto bytes = [&](int width) {
    Config config = launch_of(alone, 1, 1).config;
    config.set("model.width", Value(std::int64_t{width}));
    return alone.engine.estimate(alone.scene.spec.settings(config, 1),
                                 alone.engine.devices().back());
  };
  const std::size_t data = bytes(4).data_bytes;
  REQUIRE(bytes(48).bytes > bytes(8).bytes);
  Search both(study("full", 24, "gpu:0,1"),
              {HostGpu{data + bytes(48).bytes - 1}, HostGpu{data + 5 * bytes(48).bytes}});
  both.go();
  CHECK(both.scene.rows() == alone.scene.rows());
  CHECK(both.devices() == std::set<std::string>{"gpu0", "gpu1"});
  for (const auto& trial : both.scene.store->trials(both.scene.study))
    if (number(trial.config, "model.width") == 48) CHECK(trial.device == "gpu1");
  for (const HostGpu& gpu : both.gpus) CHECK(gpu.most_held <= gpu.memory);
}

TEST_CASE("trials of a kind share a cohort: sixteen cost the device few times what one does") {
  const auto calls = [](int trials) {
    Search search(study("full", trials, "gpu:0"), {HostGpu{}});
    std::latch started(1);  // the first waits before its first update until all are there
    search.gpus[0].before = [&](std::string_view call) {
      if (call == "replay") started.wait();
    };
    CohortExecutor executor(search.scene.spec, search.engine);
    for (int number = 1; number <= trials; ++number) executor.start(launch_of(search, number, 4));
    started.count_down();
    for (int ended = 0; ended < trials;) {
      const auto event = executor.next(10);
      REQUIRE(event.has_value());
      if (const auto* end = std::get_if<Ended>(&*event)) {
        CHECK(end->how == Ended::How::completed);
        ++ended;
      }
    }
    return search.gpus[0].calls;
  };
  CHECK(calls(16) < 8 * calls(1));
}

TEST_CASE(
    "a GPU that fails at any call costs its stretches: the other one makes them again, with the "
    "same bits") {
  Search well(study("full", 8, "gpu:0,1"), {HostGpu{}, HostGpu{}});
  well.go();
  const auto expected = well.scene.rows();
  Rng rng({1, Stream::sampler, 3});
  int lost = 0;
  for (int k = 0; k < 15; ++k) {
    const int at = k < 5 ? k + 1 : 1 + static_cast<int>(rng.below(300));
    CAPTURE(at);
    Search ill(study("full", 8, "gpu:0,1"), {HostGpu{std::size_t{1} << 30, at}, HostGpu{}});
    ill.go();
    CHECK(ill.scene.rows() == expected);
    lost += ill.scene.events("device_lost");
  }
  CHECK(lost > 8);
}

TEST_CASE("where every GPU is lost the run ends, and a later one finishes the study") {
  Search search(study("full", 6, "gpu:0"), {HostGpu{std::size_t{1} << 30, 150}});
  CHECK_THROWS_AS(search.go(), DeviceError);
  CHECK_FALSE(search.scene.all_finished());
  std::vector<HostGpu> better{HostGpu{}};
  engine::Engine engine({.data_dirs = {}, .log = null_log(), .gpus = host_gpus(better)});
  CohortExecutor executor(search.scene.spec, engine);
  run(*search.scene.strategy(), executor, *search.scene.store, search.scene.study,
      search.scene.spec, SystemClock(), {}, {});
  Search well(study("full", 6, "gpu:0"), {HostGpu{}});
  well.go();
  const auto got = search.scene.rows(), expected = well.scene.rows();
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == expected[i]);
}

TEST_CASE("lanes wait for their verdicts while their neighbours train") {
  Search search(study("{type: asha, min_steps: 1, eta: 2}", 20, "gpu:0,1"), {HostGpu{}, HostGpu{}});
  search.go();
  CHECK(search.scene.all_finished());
  CHECK(search.scene.count(store::State::completed) > 0);
  CHECK(search.scene.count(store::State::stopped) + search.scene.count(store::State::paused) +
            search.scene.count(store::State::completed) ==
        20);
}

TEST_CASE("a pause is exact, a verdict is awaited, an abandoned trial leaves its lane") {
  Search search(study("full", 9, "gpu:0"), {HostGpu{}});
  CohortExecutor executor(search.scene.spec, search.engine);
  executor.start(launch_of(search, 1, 4));
  const Ended whole = end_of(executor, 1);
  REQUIRE(whole.how == Ended::How::completed);

  Launch judged = launch_of(search, 2, 4);
  judged.decide_at = 2;
  executor.start(judged);
  executor.start(launch_of(search, 3, 1));
  CHECK(end_of(executor, 3).how == Ended::How::paused);
  executor.start(launch_of(search, 4, 4));  // a neighbour goes on meanwhile
  CHECK(end_of(executor, 4).weights_hash == whole.weights_hash);
  executor.answer(2, search::Verdict::pause, INT_MAX);
  Ended paused = end_of(executor, 2);
  REQUIRE(paused.how == Ended::How::paused);
  CHECK(paused.resume->step == 2);

  Launch rest = launch_of(search, 5, 4);
  rest.checkpoint = paused.resume;
  executor.start(rest);
  const Ended resumed = end_of(executor, 5);
  CHECK(resumed.weights_hash == whole.weights_hash);
  CHECK(resumed.best->bytes == whole.best->bytes);

  Launch waiting = launch_of(search, 6, 4);
  waiting.decide_at = 1;
  executor.start(waiting);
  executor.halt(6, Executor::Halt::abandon);
  const Ended gone = end_of(executor, 6);
  CHECK(gone.how == Ended::How::stopped);
  CHECK(gone.reason == "abandoned");
}

TEST_CASE("lanes that trials have left give their memory to a trial of another kind") {
  Search alone(study("full", 1, "gpu:0"), {HostGpu{}});
  const auto wide = [&](int number) {
    Launch launch = launch_of(alone, number, 4);
    launch.config.set("model.width", Value(std::int64_t{48}));
    return launch;
  };
  const auto bytes = [&](const Launch& launch) {
    return alone.engine.estimate(alone.scene.spec.settings(launch.config, 1),
                                 alone.engine.devices().back());
  };
  const engine::Estimate narrow = bytes(launch_of(alone, 1, 4)), other = bytes(wide(1));
  const int lanes = 8;
  REQUIRE(narrow.bytes + other.bytes <= lanes * narrow.bytes);
  Search search(study("full", 1, "gpu:0"), {HostGpu{narrow.data_bytes + lanes * narrow.bytes}});
  CohortExecutor executor(search.scene.spec, search.engine);
  for (int number = 1; number <= lanes; ++number) {
    Launch launch = launch_of(search, number, 4);
    launch.decide_at = 1;
    executor.start(launch);
  }
  for (int measured = 0; measured < lanes;) {
    const auto event = executor.next(10);
    REQUIRE(event.has_value());
    if (std::holds_alternative<Measured>(*event)) ++measured;
  }
  for (int number = 2; number <= lanes; ++number)
    executor.answer(number, search::Verdict::stop, INT_MAX);
  for (int ended = 1; ended < lanes;) {
    const auto event = executor.next(10);
    REQUIRE(event.has_value());
    if (std::holds_alternative<Ended>(*event)) ++ended;
  }
  REQUIRE(executor.has_room(wide(9).config));
  executor.start(wide(9));
  CHECK(end_of(executor, 9).how == Ended::How::completed);
  executor.answer(1, search::Verdict::proceed, INT_MAX);
  CHECK(end_of(executor, 1).how == Ended::How::completed);
}
