// Trials of several folds on a device.
#include "core/error.h"
#include "tests/engine/cuda/device_support.h"
#include "tests/engine/cuda/host_gpus.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

TrialSettings folded() {
  TrialSettings s;
  s.data.set = "moons";
  s.data.n = 120;
  s.data.folds = 3;
  s.model.widths = {7};
  s.model.activation = "tanh";
  s.train.batch_size = 16;
  s.train.epochs = 4;
  s.train.lr = 0.02;
  return s;
}

struct OnHosts {
  std::vector<HostGpu> gpus = std::vector<HostGpu>(1);
  Engine engine{{{}, null_log(), host_gpus(gpus)}};
  DeviceInfo device(bool gpu) const {
    for (const DeviceInfo& info : engine.devices())
      if (info.gpu == gpu) return info;
    FAIL("no such device");
    return {};
  }
};

}  // namespace

TEST_CASE("a trial of folds on a device has the CPU's rows, margins too") {
  OnHosts hosts;
  TrialSettings s = folded(), other = s;
  other.train.lr = 0.05;
  auto device = hosts.engine.make_cohort(s, hosts.device(true), 2);
  auto cpu = hosts.engine.make_cohort(s, hosts.device(false));
  for (const TrialSettings* settings : {&s, &other})
    REQUIRE(device->admit(*settings, nullptr) == cpu->admit(*settings, nullptr));
  for (int step = 0; step < 4; ++step) {
    const auto got = device->advance(go, {}), want = cpu->advance(go, {});
    REQUIRE(got.size() == 2);
    REQUIRE(want.size() == 2);
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(got[i].lane == want[i].lane);
      CHECK(got[i].step == want[i].step);
      CHECK(got[i].ended == want[i].ended);
      REQUIRE(got[i].results.size() == want[i].results.size());
      bool margin = false;
      for (std::size_t k = 0; k < want[i].results.size(); ++k) {
        const auto& [name, value] = want[i].results[k];
        CAPTURE(name);
        CHECK(got[i].results[k].first == name);
        margin = margin || name == "val_loss_margin";
        if (name.find("_acc") == std::string::npos)
          CHECK(got[i].results[k].second == doctest::Approx(value).epsilon(5e-3));
      }
      CHECK(margin);
    }
  }
  CHECK(device->test(0)[0].second == doctest::Approx(cpu->test(0)[0].second).epsilon(5e-3));
}

TEST_CASE("folds on a device are saved, restored and cloned exactly, and pass to the CPU") {
  OnHosts hosts;
  const TrialSettings s = folded();
  TrialSettings other = s;
  other.seed = 9;
  auto whole = hosts.engine.make_cohort(s, hosts.device(true), 1);
  whole->admit(s, nullptr);
  for (int step = 0; step < 4; ++step) whole->advance(go, {});
  auto first = hosts.engine.make_cohort(s, hosts.device(true), 1);
  first->admit(s, nullptr);
  for (int step = 0; step < 2; ++step) first->advance(go, {});
  const Checkpoint saved = first->save(0);
  CHECK(saved.step == 2);
  auto second = hosts.engine.make_cohort(s, hosts.device(true), 3);
  REQUIRE(second->admit(other, nullptr) == 0);
  REQUIRE(second->admit(s, &saved) == 1);
  CHECK(second->save(1).bytes == saved.bytes);
  second->hold(0, true);
  for (int step = 0; step < 2; ++step) {
    const auto rows = second->advance(go, {});
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].lane == 1);
  }
  CHECK(second->weights_hash(1) == whole->weights_hash(0));
  CHECK(second->save(1).bytes == whole->save(0).bytes);
  CHECK(second->save_best(1).bytes == whole->save_best(0).bytes);
  second->retire(1);
  CHECK_THROWS_AS(second->save(1), UsageError);
  auto cpu = hosts.engine.make_cohort(s, hosts.device(false));
  Checkpoint passed = cpu->save(cpu->admit(s, &saved));
  CHECK(passed.bytes == saved.bytes);
  TrialSettings two = s;
  two.data.folds = 2;
  auto fewer = hosts.engine.make_cohort(two, hosts.device(true), 1);
  CHECK_THROWS_AS(fewer->admit(two, &saved), UsageError);
}

TEST_CASE("the estimate of folds on a device is what a cohort of one lane takes") {
  OnHosts hosts;
  const TrialSettings s = folded();
  const Estimate estimate = hosts.engine.estimate(s, hosts.device(true));
  CHECK(estimate.feasible);
  const auto cohort = hosts.engine.make_cohort(s, hosts.device(true), 1);
  CHECK(hosts.gpus[0].most_held == estimate.bytes + estimate.data_bytes);
}
