#include "engine/engine.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <thread>

#include "core/error.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/math/optimizers.h"
#include "tests/engine/engine_support.h"
#include "tests/engine/random_layers.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

Engine make_engine() { return Engine({{}, null_log()}); }

TrialSettings moons() {
  TrialSettings s;
  s.data.set = "moons";
  s.data.n = 300;
  s.model.width = 16;
  s.train.batch_size = 20;
  s.train.epochs = 60;
  s.train.lr = 0.02;
  return s;
}

}  // namespace

TEST_CASE("devices are the CPU's cores, named and of one kind") {
  const auto engine = make_engine();
  const auto devices = engine.devices();
  REQUIRE(!devices.empty());
  std::set<std::string> names;
  for (const DeviceInfo& d : devices) {
    names.insert(d.name);
    if (d.gpu) continue;
    CHECK(d.kind.rfind("cpu-", 0) == 0);
    CHECK(d.memory > 100'000'000);
  }
  CHECK(names.size() == devices.size());
  CHECK(devices[0].name == "cpu0");
}

TEST_CASE("an mlp learns moons through the facade, where a logistic regression cannot") {
  const auto engine = make_engine();
  double accuracy[2] = {};
  for (int i = 0; i < 2; ++i) {
    TrialSettings s = moons();
    if (i == 1) s.model.type = "logistic";
    const auto cohort = engine.make_cohort(s, engine.devices()[0]);
    const int lane = cohort->admit(s, nullptr);
    const std::atomic<bool> cancel{false};
    MetricRow last;
    for (int step = 1; step <= s.steps(); ++step) {
      last = cohort->advance(cancel, {}).at(0);
      CHECK(last.step == step);
    }
    CHECK(last.ended);
    accuracy[i] = metric(last, "val_acc");
    const Metrics test = cohort->test(lane);
    CHECK(test.at(0).first == "test_loss");
    CHECK(test.at(1).first == "test_acc");
  }
  CHECK(accuracy[0] > 0.95);
  CHECK(accuracy[1] < accuracy[0]);
}

TEST_CASE("the estimate is the arena that is allocated") {
  const auto engine = make_engine();
  const TrialSettings s = moons();
  const auto device = engine.devices()[0];
  const Estimate estimate = engine.estimate(s, device);
  const auto cohort = engine.make_cohort(s, device);
  cohort->admit(s, nullptr);
  CHECK(estimate.bytes == dynamic_cast<const CpuCohort&>(*cohort).lane(0).bytes());
  CHECK(estimate.feasible);
  CHECK(estimate.parameters == 2 * 16 + 16 + 16 * 16 + 16 + 16 * 2 + 2);
  CHECK(estimate.update_us > 0);
  CHECK(estimate.data_bytes > 0);
  DeviceInfo tiny = device;
  tiny.memory = estimate.bytes - 1;
  const Estimate refused = engine.estimate(s, tiny);
  CHECK(!refused.feasible);
  CHECK(refused.why.find("cpu0") != std::string::npos);
}

TEST_CASE("so it is for 1,000 random architectures, whatever is held beside the weights") {
  const auto engine = make_engine();
  const auto device = engine.devices()[0];
  std::set<std::size_t> sizes;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    Rng rng({seed, Stream::sampler, 5});
    const auto below = [&](int n) {
      return static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
    };
    TrialSettings s;
    s.data.train = 60;
    s.data.valid = 20 + 7 * below(2);
    s.data.test = 20;
    s.model.type = below(3) == 0 ? "mlp" : "layers";
    if (s.model.type == "mlp") {
      s.model.widths.resize(static_cast<std::size_t>(1 + below(4)));
      for (int& width : s.model.widths) width = 1 + below(200);
      s.model.batch_norm = below(2) == 0;
    } else {
      s.model.layers = RandomLayers(seed).make(28);
    }
    s.train.batch_size = 2 + below(58);
    s.train.optimizer = std::string(
        optimizer_table[static_cast<std::size_t>(below(static_cast<int>(optimizer_table.size())))]
            .name);
    s.train.ema = below(2) * 0.9;
    s.train.clip_norm = below(2);
    s.train.early_stop.patience = below(3);
    CAPTURE(s.model.layers.dump());
    const Estimate estimate = engine.estimate(s, device);
    const auto cohort = engine.make_cohort(s, device);
    cohort->admit(s, nullptr);
    REQUIRE(estimate.bytes == dynamic_cast<const CpuCohort&>(*cohort).lane(0).bytes());
    sizes.insert(estimate.bytes);
  }
  CHECK(sizes.size() > 900);
}

TEST_CASE("metric names are those of the rows, results first") {
  const auto engine = make_engine();
  TrialSettings s = moons();
  const auto cohort = engine.make_cohort(s, engine.devices()[0]);
  cohort->admit(s, nullptr);
  const auto row = cohort->advance(std::atomic<bool>{false}, {}).at(0);
  std::vector<std::string> names;
  for (const auto& [name, value] : row.results) names.push_back(name);
  for (const auto& [name, value] : row.timings) names.push_back(name);
  CHECK(engine.metric_names(s) == names);
  s.data.set = "sine";
  const auto numbers = engine.metric_names(s);
  CHECK(std::find(numbers.begin(), numbers.end(), "val_r2") != numbers.end());
  CHECK(std::find(numbers.begin(), numbers.end(), "val_acc") == numbers.end());
}

TEST_CASE("threads that ask for one data set at the same time get the same training") {
  const auto engine = make_engine();
  const TrialSettings s = moons();
  std::vector<std::string> hashes(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& hash : hashes) {
      threads.emplace_back([&] {
        const auto cohort = engine.make_cohort(s, engine.devices()[0]);
        const int lane = cohort->admit(s, nullptr);
        cohort->advance(std::atomic<bool>{false}, {});
        hash = cohort->weights_hash(lane);
      });
    }
  }
  for (const std::string& hash : hashes) CHECK(hash == hashes[0]);
}

TEST_CASE("summaries have a row a layer, with shapes") {
  const auto engine = make_engine();
  ModelSettings model;
  model.depth = 1;
  model.width = 32;
  const ModelSummary summary = engine.summarize(model, {28, 28, 1}, 10);
  std::vector<std::string> names;
  for (const LayerInfo& layer : summary.layers) names.push_back(layer.name + " " + layer.output);
  CHECK(names ==
        std::vector<std::string>{"flatten (784)", "dense1 (32)", "relu1 (32)", "output (10)"});
  CHECK(summary.parameters == 784 * 32 + 32 + 32 * 10 + 10);
  CHECK_THROWS_AS(engine.summarize(model, {}, 10), UsageError);
}

TEST_CASE("a device without a back end is refused") {
  const auto engine = make_engine();
  DeviceInfo gpu{"gpu0", "none", true, 0, 0};
  CHECK_THROWS_AS(engine.make_cohort(moons(), gpu), DeviceError);
}
