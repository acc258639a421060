// What the tests of training on a device share: a device of host memory or a GPU, and one update held against the CPU's.
#pragma once
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/cohort/checkpoint.h"
#include "engine/cohort/cpu_cohort.h"
#include "engine/cuda/device_cohort.h"
#include "engine/cuda/gpu.h"
#include "tests/engine/cuda/host_device.h"
#include "tests/engine/engine_support.h"

namespace vernier::engine::cuda::testing {

using namespace vernier::engine::testing;

inline const std::atomic<bool> go{false};  // never cancelled

/// A data set on a device of its own.
struct TestGpu {
  explicit TestGpu(Dataset set, std::size_t memory = std::size_t{1} << 32, int fails_at = 0)
      : device(memory, fails_at),
        data(std::make_shared<const Dataset>(std::move(set))),
        resident(std::make_shared<const ResidentData>(device, *data)) {}
  std::unique_ptr<DeviceCohort> cohort(const TrialSettings& settings, int lanes) {
    return std::make_unique<DeviceCohort>(settings, data, resident, device, "gpu-test", lanes);
  }
  HostDevice device;
  std::shared_ptr<const Dataset> data;
  std::shared_ptr<const ResidentData> resident;
};

inline TrialSettings small_settings() {
  TrialSettings s;
  s.model.widths = {9, 7};
  s.model.activation = "tanh";
  s.model.dropout = 0.2;
  s.model.batch_norm = true;
  s.train.batch_size = 8;
  s.train.epochs = 5;
  s.train.measures_per_epoch = 2;
  s.train.lr = 0.01;
  s.train.ema = 0.9;
  s.seed = 11;
  return s;
}

inline Dataset small_data() { return noise_data(3, 6, 4, 4); }

inline void check_equal(const Metrics& a, const Metrics& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CAPTURE(a[i].first);
    CHECK(a[i].first == b[i].first);
    CHECK((a[i].second == b[i].second || (std::isnan(a[i].second) && std::isnan(b[i].second))));
  }
}

/// A cohort on the device under test.
using Make = std::function<std::unique_ptr<Cohort>(const TrialSettings&,
                                                   std::shared_ptr<const Dataset>, int lanes)>;

inline Dataset image_data(std::uint64_t seed, const Shape& shape, int classes, int train,
                          int valid) {
  Dataset data =
      noise_data(seed, static_cast<int>(elements(shape)), classes, classes, train, valid, 1);
  data.shape = shape;
  return data;
}

/// What training did to a tensor.
inline std::vector<double> moved(const Checkpoint& before, const Checkpoint& after,
                                 const Tensor& t) {
  const auto read = [&](const Checkpoint& from) {
    std::vector<float> values(elements(t.shape));
    CheckpointReader(from.bytes)
        .read("weights/" + t.name, values, {t.shape.begin(), t.shape.end()});
    return values;
  };
  const auto a = read(before), b = read(after);
  std::vector<double> moves(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    moves[i] = static_cast<double>(b[i]) - static_cast<double>(a[i]);
  return moves;
}

inline double norm(const std::vector<double>& values) {
  double squares = 0;
  for (const double v : values) squares += v * v;
  return std::sqrt(squares);
}

/// How far a device may be from the CPU in fp32.
struct Bounds {
  double moves = 1e-3;  // each tensor's, by the size of its move
  double metrics = 2e-3;
  bool gradients = true;  // false: only the loss
  double at_least = 0;    // of one tensor's move at least: the precision has an effect
};

/// One update by plain gradient descent, of two lanes with different seeds: what it moved is the gradient.
inline void moves_as_the_cpu(const Make& make, TrialSettings s, Dataset set,
                             const Bounds& bounds = {}) {
  const auto data = std::make_shared<const Dataset>(std::move(set));
  s.train.optimizer = "sgd";
  s.train.lr = 0.5;
  s.train.batch_size = data->train.n;
  s.train.epochs = 2;
  auto device = make(s, data, 2);
  CpuCohort cpu(s, data, "gpu-test");
  std::vector<Checkpoint> before;
  for (int lane = 0; lane < 2; ++lane) {
    s.seed = 7 + static_cast<std::uint64_t>(lane);
    cpu.admit(s, nullptr);
    before.push_back(device->save(device->admit(s, nullptr)));
    CHECK(before.back().bytes == cpu.save(lane).bytes);
  }
  const auto expected = cpu.advance(go, {}), got = device->advance(go, {});
  REQUIRE(got.size() == 2);
  double most = 0;
  for (int lane = 0; lane < 2; ++lane) {
    CAPTURE(lane);
    const auto i = static_cast<std::size_t>(lane);
    const auto near = [&](const std::string& name) {
      CAPTURE(name);
      CHECK(metric(got[i], name) ==
            doctest::Approx(metric(expected[i], name)).epsilon(bounds.metrics));
    };
    near("train_loss");
    if (!bounds.gradients) continue;
    for (const std::string name : {"grad_norm", "weight_norm", "val_loss"}) near(name);
    const Checkpoint want = cpu.save(lane), have = device->save(lane);
    double whole = 0;
    const auto& tensors = cpu.lane(lane).plan().graph.tensors;
    for (const Tensor& t : tensors)
      if (t.role == Role::parameter) whole = std::hypot(whole, norm(moved(before[i], want, t)));
    for (const Tensor& t : tensors) {
      if (t.role == Role::value) continue;
      CAPTURE(t.name);
      auto a = moved(before[i], want, t);
      const auto b = moved(before[i], have, t);
      const double size = norm(a);
      for (std::size_t k = 0; k < a.size(); ++k) a[k] -= b[k];
      // Of a bias before batch norm the gradient is rounding alone.
      CHECK(norm(a) <= bounds.moves * size + bounds.moves / 100 * whole);
      if (size > 1e-3 * whole) most = std::max(most, norm(a) / size);
    }
  }
  if (bounds.gradients) CHECK(most >= bounds.at_least);
}

struct OnHost {
  std::vector<std::unique_ptr<HostDevice>> devices;
  std::unique_ptr<Cohort> operator()(const TrialSettings& settings,
                                     const std::shared_ptr<const Dataset>& data, int lanes) {
    devices.push_back(std::make_unique<HostDevice>());
    auto resident = std::make_shared<const ResidentData>(*devices.back(), *data);
    return std::make_unique<DeviceCohort>(settings, data, std::move(resident), *devices.back(),
                                          "gpu-test", lanes);
  }
};
struct OnGpu {
  std::vector<std::unique_ptr<Gpu>> gpus = module_gpus();
  std::unique_ptr<Cohort> operator()(const TrialSettings& settings,
                                     std::shared_ptr<const Dataset> data, int lanes) {
    REQUIRE(!gpus.empty());
    return gpus.front()->make_cohort(settings, std::move(data), lanes);
  }
};

}  // namespace vernier::engine::cuda::testing
