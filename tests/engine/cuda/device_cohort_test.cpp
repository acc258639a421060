#include "engine/cuda/device_cohort.h"

#include <cmath>
#include <string>

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

/// Settings that lanes of one cohort may have of their own.
TrialSettings own(TrialSettings s, Rng& rng) {
  s.train.lr = 0.001 + 0.02 * rng.uniform();
  s.model.dropout = s.model.dropout > 0 ? 0.1 + 0.5 * rng.uniform() : 0;
  s.train.weight_decay = 0.01 * rng.uniform();
  s.train.clip_norm = 0.5 * static_cast<double>(rng.below(3));
  s.train.schedule.type = rng.below(2) == 0 ? "constant" : "cosine";
  s.seed = rng.below(1000);
  return s;
}

std::vector<float> tensor(const Checkpoint& from, const std::string& name, const Shape& shape) {
  std::vector<float> values(elements(shape));
  CheckpointReader(from.bytes).read(name, values, {shape.begin(), shape.end()});
  return values;
}

void follows_the_cpu(const Make& make) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Rng rng({seed, Stream::sampler, 9});
    const auto below = [&](int n) {
      return static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
    };
    const int classes = below(3) == 0 ? 0 : 2 + below(5), outputs = classes > 0 ? classes : 2;
    const auto data = std::make_shared<const Dataset>(
        noise_data(seed, 3 + below(30), classes, outputs, 40 + below(40), 20 + below(30)));
    TrialSettings shared;
    shared.model.widths = {4 + below(20), 4 + below(20)};
    shared.model.batch_norm = below(2) == 0;
    // A shift between linear layers before a batch norm has a gradient of rounding alone, as has a bias.
    const int first = shared.model.batch_norm ? 1 : 0;
    shared.model.activation =
        std::string(activation_table[static_cast<std::size_t>(first + below(8 - first))].name);
    shared.model.bias = !shared.model.batch_norm;
    shared.model.dropout = below(2) * 0.2;
    shared.model.input_dropout = below(2) * 0.2;
    shared.train.batch_size = 8 + below(9);
    shared.train.epochs = 3;
    shared.train.measures_per_epoch = 1 + below(2);
    shared.train.ema = below(2) * 0.9;
    shared.train.early_stop.restore = below(2) == 0;
    shared.train.optimizer = std::string(optimizer_table[seed % optimizer_table.size()].name);
    if (classes > 0 && below(3) == 0)
      shared.train.loss = below(2) == 0 ? "mse" : "binary_cross_entropy";
    if (classes == 0) shared.metric = "val_loss";
    CAPTURE(seed);
    CAPTURE(shared.train.optimizer);
    CAPTURE(shared.model.activation);

    const int lanes = 1 + below(4);
    auto device = make(shared, data, lanes);
    CpuCohort cpu(shared, data, "gpu-test");
    for (int lane = 0; lane < lanes; ++lane) {
      TrialSettings settings = own(shared, rng);
      if (classes > 0 && shared.train.loss.empty()) settings.train.label_smoothing = 0.1 * below(2);
      REQUIRE(device->admit(settings, nullptr) == lane);
      REQUIRE(cpu.admit(settings, nullptr) == lane);
    }
    for (int step = 0; step < 3; ++step) {
      const auto expected = cpu.advance(go, {});
      const auto got = device->advance(go, {});
      REQUIRE(got.size() == expected.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        CHECK(got[i].lane == expected[i].lane);
        CHECK(got[i].step == expected[i].step);
        CHECK(got[i].ended == expected[i].ended);
        REQUIRE(got[i].results.size() == expected[i].results.size());
        for (std::size_t k = 0; k < got[i].results.size(); ++k) {
          const auto& [name, value] = expected[i].results[k];
          CAPTURE(name);
          CHECK(got[i].results[k].first == name);
          // An example on the border between two classes may fall on either side.
          if (name.ends_with("_acc")) {
            CHECK(std::abs(got[i].results[k].second - value) < 0.08);
          } else {
            CHECK(got[i].results[k].second == doctest::Approx(value).epsilon(2e-3));
          }
        }
      }
    }
    for (int lane = 0; lane < lanes; ++lane) {
      const Checkpoint want = cpu.save(lane), got = device->save(lane);
      CHECK(got.step == want.step);
      const Plan& plan = cpu.lane(lane).plan();
      for (const Tensor& t : plan.graph.tensors) {
        if (t.role == Role::value) continue;
        CAPTURE(t.name);
        const auto near = [&](const std::string& name) {
          return relative_error(tensor(got, name, t.shape), tensor(want, name, t.shape)) < 5e-3;
        };
        CHECK(near("weights/" + t.name));
        if (t.role == Role::parameter && shared.train.ema > 0) CHECK(near("average/" + t.name));
      }
      const Metrics tested = device->test(lane), expected = cpu.test(lane);
      CHECK(tested[0].second == doctest::Approx(expected[0].second).epsilon(5e-3));
    }
  }
}

void goes_on_bit_for_bit(const Make& make) {
  for (const OptimizerInfo& info : optimizer_table) {
    CAPTURE(info.name);
    TrialSettings s = small_settings();
    s.train.optimizer = std::string(info.name);
    s.train.schedule.type = "plateau";
    s.train.schedule.patience = 0;
    TrialSettings other = s;
    other.seed = 12;
    const auto data = std::make_shared<const Dataset>(small_data());
    auto whole = make(s, data, 2);
    whole->admit(s, nullptr);
    std::vector<MetricRow> expected;
    for (int i = 0; i < 10; ++i)
      for (MetricRow& row : whole->advance(go, {})) expected.push_back(std::move(row));
    REQUIRE(expected.size() == 10);
    CHECK(expected.back().ended);

    auto first = make(s, data, 1);
    first->admit(s, nullptr);
    std::vector<MetricRow> rows;
    for (int i = 0; i < 4; ++i) rows.push_back(first->advance(go, {}).at(0));
    const Checkpoint saved = first->save(0);
    CHECK(saved.step == 4);
    first.reset();
    auto second = make(s, data, 3);
    REQUIRE(second->admit(other, nullptr) == 0);  // a neighbour that is elsewhere in its training
    second->advance(go, {});
    REQUIRE(second->admit(s, &saved) == 1);
    REQUIRE(second->admit(s, &saved) == 2);  // a clone
    CHECK(second->save(1).bytes == saved.bytes);
    for (int i = 0; i < 6; ++i)
      for (MetricRow& row : second->advance(go, {}))
        if (row.lane == 1) rows.push_back(std::move(row));
    REQUIRE(rows.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) check_equal(rows[i].results, expected[i].results);
    for (int lane : {1, 2}) {
      CHECK(second->weights_hash(lane) == whole->weights_hash(0));
      CHECK(second->save(lane).bytes == whole->save(0).bytes);
      CHECK(second->save_best(lane).bytes == whole->save_best(0).bytes);
    }
  }
}

}  // namespace

TEST_CASE("lanes on a device follow the CPU's, for every optimizer, activation, loss and option") {
  OnHost host;
  follows_the_cpu([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a device ten steps equal four, save, restore elsewhere and six more, bit for bit") {
  OnHost host;
  goes_on_bit_for_bit([&](const auto&... with) { return host(with...); });
}

// What tests/gpu.sh runs where there is one.
TEST_CASE("on a GPU lanes follow the CPU's" * doctest::skip()) {
  OnGpu gpu;
  follows_the_cpu([&](const auto&... with) { return gpu(with...); });
}

TEST_CASE("on a GPU ten steps equal four, save, restore and six more, bit for bit" *
          doctest::skip()) {
  OnGpu gpu;
  goes_on_bit_for_bit([&](const auto&... with) { return gpu(with...); });
}

TEST_CASE(
    "a lane has the same bits in every place, beside lanes that diverge, end and are replaced") {
  Rng rng({5, Stream::sampler, 0});
  TrialSettings base = small_settings();
  base.model.batch_norm = false;
  base.train.optimizer = "sgd";
  TestGpu gpu(small_data());
  std::vector<TrialSettings> trials;
  for (int i = 0; i < 9; ++i) trials.push_back(own(base, rng));
  for (const std::size_t i : {1, 4}) {
    trials[i].train.lr = 1e30;
    trials[i].train.clip_norm = 0;
  }
  auto cohort = gpu.cohort(base, 3);
  std::vector<std::size_t> in_lane;
  std::vector<std::vector<MetricRow>> rows(trials.size());
  std::vector<std::string> hashes(trials.size());
  std::size_t next = 0;
  for (; next < 3; ++next) {
    cohort->admit(trials[next], nullptr);
    in_lane.push_back(next);
  }
  int finished = 0;
  while (finished < 9) {
    for (MetricRow& row : cohort->advance(go, {})) {
      const int lane = row.lane;
      std::size_t& trial = in_lane[static_cast<std::size_t>(lane)];
      const bool over = row.ended || row.diverged || (trial == 2 && row.step == 3);
      rows[trial].push_back(std::move(row));
      if (!over) continue;
      hashes[trial] = cohort->weights_hash(lane);
      cohort->retire(lane);
      ++finished;
      if (next == trials.size()) continue;
      REQUIRE(cohort->admit(trials[next], nullptr) == lane);
      trial = next++;
    }
  }
  CHECK(cohort->free_lanes() == 3);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    CAPTURE(i);
    auto alone = gpu.cohort(trials[i], 1);
    alone->admit(trials[i], nullptr);
    for (const MetricRow& row : rows[i])
      check_equal(row.results, alone->advance(go, {}).at(0).results);
    CHECK(hashes[i] == alone->weights_hash(0));
    CHECK(rows[i].back().diverged == (i == 1 || i == 4));
  }
}

TEST_CASE("checkpoints pass between the CPU and a device unchanged") {
  const TrialSettings s = small_settings();
  TestGpu gpu(small_data());
  CpuCohort cpu(s, gpu.data, "one-kind");
  auto device = gpu.cohort(s, 2);
  cpu.admit(s, nullptr);
  cpu.advance(go, {});
  const Checkpoint of_cpu = cpu.save(0);
  CHECK(device->save(device->admit(s, &of_cpu)).bytes == of_cpu.bytes);
  device->advance(go, {});
  const Checkpoint of_device = device->save(0);
  CHECK(cpu.save(cpu.admit(s, &of_device)).bytes == of_device.bytes);
  const Checkpoint weights = device->save_best(0);
  CHECK(device->save_best(device->admit(s, &weights)).bytes == weights.bytes);
}

TEST_CASE("a frozen layer stays as it is on a device, its running statistics too") {
  TrialSettings s = small_settings();
  s.model.bias = false;
  s.train.freeze = {"dense1", "batch_norm1"};
  TestGpu gpu(small_data());
  const Recipe recipe = make_recipe(s, shape_of(*gpu.data), null_log());
  REQUIRE(recipe.frozen.size() == 2);
  auto device = gpu.cohort(s, 1);
  CpuCohort cpu(s, gpu.data, "gpu-test");
  device->admit(s, nullptr);
  cpu.admit(s, nullptr);
  const Checkpoint before = device->save(0);
  device->advance(go, {});
  cpu.advance(go, {});
  const Checkpoint after = device->save(0), expected = cpu.save(0);
  for (const Tensor& t : cpu.lane(0).plan().graph.tensors) {
    if (t.role == Role::value) continue;
    CAPTURE(t.name);
    const bool frozen = t.name.starts_with("dense1.") || t.name.starts_with("batch_norm1.");
    const auto now = tensor(after, "weights/" + t.name, t.shape);
    CHECK((now == tensor(before, "weights/" + t.name, t.shape)) == frozen);
    CHECK(relative_error(now, tensor(expected, "weights/" + t.name, t.shape)) < 1e-3);
  }
}
