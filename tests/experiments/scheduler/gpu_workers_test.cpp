// A process for each GPU: what it computes, and what its end costs.
#include <doctest/doctest.h>
#include <signal.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "experiments/scheduler/cohort_executor.h"
#include "experiments/scheduler/isolated_executor.h"
#include "experiments/scheduler/loop.h"
#include "experiments/scheduler/worker.h"
#include "tests/engine/cuda/host_gpus.h"
#include "tests/experiments/scheduler/scene.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;
using vernier::engine::cuda::testing::host_gpus;
using vernier::engine::cuda::testing::HostGpu;

namespace {

constexpr const char* faults = "VERNIER_TEST_FAULTS";  // names a file
constexpr const char* less = "VERNIER_TEST_LESS";  // set: GPUs say that they have next to no memory

/// Two GPUs of different memory. Where the file of faults is, its number is the call that fails, once: who reads it removes it.
std::vector<HostGpu> two_gpus() {
  std::vector<HostGpu> gpus{{std::size_t{1} << 24}, {std::size_t{1} << 26}};
  if (const char* file = std::getenv(faults)) {
    int at = 0;
    if (std::ifstream(file) >> at && std::remove(file) == 0)
      gpus[0].fails_at = gpus[1].fails_at = at;
  }
  if (std::getenv(less) != nullptr) gpus[0].reported = gpus[1].reported = 1;
  return gpus;
}

std::string study(int epochs, const std::string& devices, const std::string& precision) {
  return fmt::format(R"(version: 1
study: tiny
data: {{set: xor, n: 400}}
model: {{type: mlp, depth: 1}}
train: {{epochs: {}, batch_size: 32, precision: {}, record: {{kinds: [classes, gradients, confusion, map], every: 2}}}}
sampler: random
seed: 3
trials: 10
resources: {{devices: "{}", jobs: 6}}
parameters:
  model.width: {{values: [4, 8]}}
  train.lr: {{min: 1.0e-4, max: 1.0e-1, log: true}}
)",
                     epochs, precision, devices);
}

IsolatedExecutor::Options workers() {
  IsolatedExecutor::Options options;
  options.argv = {"/proc/self/exe", "--no-skip", "--no-version", "--quiet",
                  "--test-case=gpu worker process"};
  return options;
}

struct Run {
  explicit Run(int epochs, const std::string& devices = "gpu:0,1",
               const std::string& precision = "fp32")
      : scene(study(epochs, devices, precision)),
        gpus(two_gpus()),
        engine({.data_dirs = {}, .log = null_log(), .gpus = host_gpus(gpus)}) {}
  template <class Watch>
  void isolated(const Watch& watch) {
    IsolatedExecutor executor(scene.spec, engine, workers(), clock);
    lanes = executor.lanes();
    go(executor, [&](const Progress& progress) { watch(progress, executor); });
  }
  void here() {
    CohortExecutor executor(scene.spec, engine);
    go(executor, {});
  }
  void go(Executor& executor, const Observer& observer) {
    run(*scene.strategy(), executor, *scene.store, scene.study, scene.spec, clock, {}, observer);
  }
  /// What was trained on GPUs, by the trial.
  std::map<int, std::string> on_gpus() const {
    std::map<int, std::string> found;
    for (const auto& trial : scene.store->trials(scene.study))
      if (trial.device.starts_with("gpu")) found[trial.number] = trial.weights_hash;
    return found;
  }
  /// What is recorded of each trial's steps.
  std::vector<std::string> pictures() const {
    std::vector<std::string> all;
    for (const auto& trial : scene.store->trials(scene.study))
      for (const auto& left : scene.store->artifacts(scene.study, trial.number))
        all.push_back(fmt::format("{} {} {} {}", trial.number, left.step, left.name, left.blob));
    return all;
  }
  std::set<std::string> devices() const {
    std::set<std::string> used;
    for (const auto& trial : scene.store->trials(scene.study)) used.insert(trial.device);
    return used;
  }

  Scene scene;
  int lanes = 0;
  std::vector<HostGpu> gpus;
  engine::Engine engine;
  SystemClock clock;
};

const auto nothing = [](const Progress&, IsolatedExecutor&) {};

}  // namespace

TEST_CASE("gpu worker process" * doctest::skip()) {
  std::vector<HostGpu> gpus = two_gpus();
  CHECK(worker_main(0, host_gpus(gpus)) == 0);
}

TEST_CASE("a search in a process for each GPU has the same bits as in this one") {
  Run here(4), isolated(4);
  here.here();
  isolated.isolated(nothing);
  CHECK(here.scene.count(store::State::completed) == 10);
  CHECK(isolated.scene.rows() == here.scene.rows());
  CHECK(isolated.pictures() == here.pictures());
  CHECK(here.pictures().size() == 10 * 3 * 2);  // steps 1, 2 and 4; a matrix and a map
  CHECK(isolated.scene.events("retried") == 0);
}

TEST_CASE("every GPU that is named trains at once in a process of its own, and the cores beside") {
  Run here(4);
  here.here();
  const auto alone = here.on_gpus();
  REQUIRE(alone.size() == 10);
  for (const std::string devices : {"gpu", "gpu:1,gpu:0", "gpu,cpu"}) {
    CAPTURE(devices);
    Run run(4, devices);
    const bool cores = devices == "gpu,cpu";
    std::size_t most = 0, cpus = 0;
    for (const auto& device : run.engine.devices()) cpus += device.gpu ? 0 : 1;
    run.isolated([&](const Progress&, IsolatedExecutor& executor) {
      most = std::max(most, executor.workers().size());
    });
    CHECK(run.scene.count(store::State::completed) == 10);
    CHECK(run.lanes == 6 + static_cast<int>(cores ? cpus : 0));
    CHECK(most == 2 + (cores ? std::min<std::size_t>(cpus, 4) : 0));
    const auto used = run.devices();
    CHECK(used.count("gpu0") == 1);
    CHECK(used.count("gpu1") == 1);
    CHECK((used.count("cpu0") == 1) == cores);
    const auto trained = run.on_gpus();
    CHECK(trained.size() >= 6);
    for (const auto& [number, hash] : trained) CHECK(hash == alone.at(number));
  }
}

TEST_CASE("beside GPUs the cores leave alone what they cannot train") {
  Run run(1, "gpu:0,cpu", "bf16");
  run.isolated(nothing);
  CHECK(run.scene.count(store::State::completed) == 10);
  CHECK(run.devices() == std::set<std::string>{"gpu0"});
}

TEST_CASE("a worker reckons with the memory that its driver has measured, not with what is left") {
  Run here(4), run(4);
  here.here();
  setenv(less, "1", 1);
  run.isolated(nothing);
  unsetenv(less);
  CHECK(run.scene.rows() == here.scene.rows());
  CHECK(run.scene.events("retried") == 0);
}

TEST_CASE(
    "a GPU that fails costs its process: a new one makes the trials again, with the same bits") {
  Run here(4);
  here.here();
  for (const int at : {1, 3, 60, 400}) {
    CAPTURE(at);
    Run ill(4);
    setenv(faults, ill.scene.folder.write("faults", std::to_string(at)).c_str(), 1);
    ill.isolated(nothing);
    unsetenv(faults);
    const auto got = ill.scene.rows(), expected = here.scene.rows();
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) CHECK(got[i] == expected[i]);
    CHECK(ill.scene.events("retried") > 0);
    CHECK(ill.scene.events("device_lost") == 0);
  }
}

TEST_CASE("GPU workers killed with -9 cost no trial") {
  Run here(60);
  here.here();
  Run killed(60);
  bool done = false;
  killed.isolated([&](const Progress& progress, IsolatedExecutor& executor) {
    if (done || progress.kind != Progress::Kind::measurement || progress.step < 3) return;
    done = true;
    for (const int worker : executor.workers()) kill(worker, SIGKILL);
  });
  CHECK(done);
  CHECK(killed.scene.events("retried") > 0);
  CHECK(killed.scene.rows() == here.scene.rows());
  CHECK(killed.pictures() == here.pictures());
}
