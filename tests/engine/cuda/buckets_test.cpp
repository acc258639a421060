#include "engine/cuda/buckets.h"

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

TrialSettings padded() {
  TrialSettings s;
  s.model.widths = {20, 7};
  s.model.dropout = 0.3;
  s.train.batch_size = 10;
  s.train.epochs = 3;
  s.train.ema = 0.9;
  return s;
}

std::string key(const TrialSettings& s) {
  const Dataset data = noise_data(3, 5, 4, 4);
  return device_key(s, make_recipe(s, shape_of(data), null_log()));
}

/// Lanes of several widths in one cohort follow the CPU's, each of its own width.
void widths_in_one_cohort(const Make& make) {
  const std::vector<std::vector<int>> widths{{20, 7}, {32, 16}, {17, 1}, {25, 12}};
  // Of zero inputs sigmoid and softplus make something: the weights behind units that only fill up must not learn from it.
  for (const char* activation : {"sigmoid", "softplus", "relu", "gelu"}) {
    for (const bool norm : {false, true}) {
      CAPTURE(activation);
      CAPTURE(norm);
      const auto data = std::make_shared<const Dataset>(noise_data(6, 5, 4, 4));
      TrialSettings s = padded();
      s.model.activation = activation;
      s.model.batch_norm = norm;
      s.model.bias = !norm;
      s.train.optimizer = norm ? "sgd" : "adamw";
      s.train.lr = 0.01;
      s.train.clip_norm = 1;
      auto device = make(s, data, 4);
      for (std::size_t i = 0; i < widths.size(); ++i) {
        s.model.widths = widths[i];
        s.seed = i;
        CpuCohort cpu(s, data, "gpu-test");
        cpu.admit(s, nullptr);
        const int lane = device->admit(s, nullptr);
        CHECK(device->save(lane).bytes == cpu.save(0).bytes);  // the same weights to begin with
      }
      std::vector<MetricRow> rows;
      for (int step = 0; step < 3; ++step) rows = device->advance(go, {});
      for (std::size_t i = 0; i < widths.size(); ++i) {
        CAPTURE(i);
        s.model.widths = widths[i];
        s.seed = i;
        CpuCohort cpu(s, data, "gpu-test");
        cpu.admit(s, nullptr);
        std::vector<MetricRow> want;
        for (int step = 0; step < 3; ++step) want = cpu.advance(go, {});
        for (const std::string name : {"train_loss", "val_loss", "grad_norm", "weight_norm"}) {
          CAPTURE(name);
          CHECK(metric(rows.at(i), name) ==
                doctest::Approx(metric(want.at(0), name)).epsilon(5e-3));
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("buckets are multiples of 16, at most 1.25 apart from 64 on, and the least that fit") {
  std::vector<int> seen;
  for (int units = 1; units <= 4096; ++units) {
    const int wide = bucket(units);
    REQUIRE(wide >= units);
    REQUIRE(wide % 16 == 0);
    REQUIRE(bucket(wide) == wide);
    if (seen.empty() || seen.back() != wide) {
      if (!seen.empty()) {
        REQUIRE(wide > seen.back());
        REQUIRE(units == seen.back() + 1);
        if (seen.back() >= 64) REQUIRE(wide * 4 <= seen.back() * 5);
      }
      seen.push_back(wide);
    }
  }
  CHECK(std::vector<int>(seen.begin(), seen.begin() + 12) ==
        std::vector<int>{16, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224, 256});
}

TEST_CASE(
    "trials whose widths have one bucket share a cohort; sums, softmax and images are as they "
    "are") {
  TrialSettings s = padded(), other = s;
  other.model.widths = {32, 16};
  CHECK(key(s) == key(other));
  other.model.widths = {33, 16};
  CHECK(key(s) != key(other));
  other.model.widths = {20};
  CHECK(key(s) != key(other));
  s = {};
  s.model.type = "layers";
  s.model.layers = Json::parse(
      R"([{"dense": 20}, {"residual": [{"dense": 20}, "tanh"]}, {"dense": "classes"}])");
  other = s;
  other.model.layers = Json::parse(
      R"([{"dense": 21}, {"residual": [{"dense": 21}, "tanh"]}, {"dense": "classes"}])");
  CHECK(key(s) != key(other));
  other.model.layers = Json::parse(R"([{"dense": 20}, "softmax", {"dense": "classes"}])");
  s.model.layers = Json::parse(R"([{"dense": 19}, "softmax", {"dense": "classes"}])");
  CHECK(key(s) != key(other));
}

TEST_CASE("lanes of several widths in one cohort follow the CPU's, each of its own width") {
  OnHost host;
  widths_in_one_cohort([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a GPU lanes of several widths in one cohort follow the CPU's" * doctest::skip()) {
  OnGpu gpu;
  widths_in_one_cohort([&](const auto&... with) { return gpu(with...); });
}

TEST_CASE(
    "a lane has the bits it has alone, whatever the widths beside it and of who was there before") {
  const auto data = std::make_shared<const Dataset>(noise_data(6, 5, 4, 4));
  const TrialSettings s = padded();
  TrialSettings full = s;
  full.model.widths = {32, 16};
  full.seed = 4;
  OnHost host;
  auto alone = host(s, data, 1), among = host(full, data, 2);
  alone->admit(s, nullptr);
  among->admit(full, nullptr);
  REQUIRE(among->admit(full, nullptr) == 1);
  among->advance(go, {});
  among->retire(1);
  REQUIRE(among->admit(s, nullptr) == 1);  // where a wider one has been
  for (int step = 0; step < 2; ++step) {
    alone->advance(go, {});
    among->advance(go, {});
  }
  CHECK(among->weights_hash(1) == alone->weights_hash(0));
  CHECK(among->save(1).bytes == alone->save(0).bytes);
  const Checkpoint saved = alone->save(0);
  among->retire(0);
  REQUIRE(among->admit(s, &saved) == 0);
  CHECK(among->save(0).bytes == saved.bytes);
}
