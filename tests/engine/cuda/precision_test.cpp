// tf32 and bf16 on a device: how numbers are rounded, how far training is from fp32, what it takes of memory.
#include <bit>

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"
#include "tests/engine/random_layers.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

/// The nearest number with `bits` of fraction, found among the two around x.
double nearest(double x, int bits, bool ties_to_even) {
  if (x == 0 || !std::isfinite(x)) return x;
  int exponent = 0;
  std::frexp(x, &exponent);
  const double unit = std::ldexp(1.0, std::max(exponent - 1, -126) - bits);
  const double low = std::floor(x / unit), share = x / unit - low;
  double units = share > 0.5 ? low + 1 : low;
  if (share == 0.5) {
    const bool up = ties_to_even ? std::fmod(low, 2) != 0 : x > 0;
    units = up ? low + 1 : low;
  }
  return units * unit;
}

void trains_near_fp32(const Make& make) {
  // bf16 has 2^-8 of relative error a rounding, tf32 2^-11.
  for (const auto& [precision, bounds] :
       {std::pair{"tf32", Bounds{.moves = 3e-2, .metrics = 1e-2, .at_least = 1e-6}},
        std::pair{"bf16", Bounds{.moves = 0.1, .metrics = 5e-2, .at_least = 1e-4}}}) {
    CAPTURE(std::string(precision));
    TrialSettings s;
    s.train.precision = precision;
    s.model.widths = {40, 30};
    for (const char* activation : {"tanh", "gelu"}) {
      CAPTURE(activation);
      s.model.activation = activation;
      moves_as_the_cpu(make, s, noise_data(3, 33, 4, 4, 40, 20), bounds);
      s.metric = "val_loss";
      moves_as_the_cpu(make, s, noise_data(3, 33, 0, 3, 40, 20), bounds);
      s.metric = "val_acc";
    }
    s.model.batch_norm = true;
    s.model.bias = false;
    moves_as_the_cpu(make, s, noise_data(3, 33, 4, 4, 40, 20), bounds);
    s = {};
    s.train.precision = precision;
    s.model.type = "layers";
    s.model.layers = Json::parse(
        R"([{"conv": {"filters": 8, "kernel": 3, "padding": "same"}}, "batch_norm", "tanh",
        {"max_pool": 2}, {"residual": [{"conv": {"filters": 8, "kernel": 3, "padding": "same", "groups": 2}}, "tanh"]},
        {"conv": {"filters": 6, "kernel": 1}}, "gelu", "global_avg_pool", {"dense": 12}, "tanh", {"dense": "classes"}])");
    s.augment.flip = 0.5;
    s.augment.brightness = 0.1;
    moves_as_the_cpu(make, s, image_data(5, {12, 12, 3}, 4, 24, 9), bounds);
  }
}

std::size_t held(const TrialSettings& s, const std::shared_ptr<const Dataset>& data, int lanes) {
  HostDevice device;
  const auto resident = std::make_shared<const ResidentData>(device, *data);
  const std::size_t before = device.held();
  const DeviceCohort cohort(s, data, resident, device, "gpu-test", lanes);
  const Recipe recipe = make_recipe(s, shape_of(*data), null_log());
  CHECK(device.held() - before == make_layout(recipe, *data, lanes).bytes);
  return device.held() - before;
}

}  // namespace

TEST_CASE("bf16 and tf32 are the nearest numbers of 7 and 10 bits of fraction") {
  Rng rng({1, Stream::data, 0});
  std::vector<float> numbers{0.0f, -0.0f, 1.0f, -1.0f, 3.0e38f, 1e-38f, 1e-40f};
  for (int i = 0; i < 20000; ++i)
    numbers.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(rng.below(1ull << 32))));
  for (std::uint32_t step = 0; step < 512; ++step)  // ties among them
    numbers.push_back(std::bit_cast<float>(0x3F800000u + step * 0x800u));
  for (const float x : numbers) {
    if (!std::isfinite(x) || std::fabs(x) > 3.38e38f) continue;
    CAPTURE(x);
    CHECK(static_cast<double>(from_bf16(to_bf16(x))) == nearest(static_cast<double>(x), 7, true));
    CHECK(static_cast<double>(to_tf32(x)) == nearest(static_cast<double>(x), 10, false));
  }
  const float infinite = std::numeric_limits<float>::infinity();
  CHECK(from_bf16(to_bf16(infinite)) == infinite);
  CHECK(from_bf16(to_bf16(3.4e38f)) == infinite);
  CHECK(to_tf32(-infinite) == -infinite);
  CHECK(std::isnan(from_bf16(to_bf16(std::bit_cast<float>(0x7F800001u)))));
  CHECK(std::isnan(to_tf32(std::numeric_limits<float>::quiet_NaN())));
}

TEST_CASE("tf32 and bf16 train near fp32, and not as it") {
  OnHost host;
  trains_near_fp32([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a GPU tf32 and bf16 train near fp32" * doctest::skip()) {
  OnGpu gpu;
  trains_near_fp32([&](const auto&... with) { return gpu(with...); });
}

TEST_CASE("in bf16 values between layers take half the memory, and it is known exactly") {
  const auto data = std::make_shared<const Dataset>(image_data(5, {16, 16, 3}, 4, 64, 9));
  TrialSettings s;
  s.model.type = "layers";
  s.train.batch_size = 64;
  s.model.layers = Json::parse(
      R"([{"conv": {"filters": 16, "kernel": 1}}, "batch_norm", "relu",
      {"conv": {"filters": 16, "kernel": 1}}, "batch_norm", "relu", "global_avg_pool", {"dense": "classes"}])");
  for (const int lanes : {1, 3}) {
    s.train.precision = "fp32";
    const std::size_t whole = held(s, data, lanes);
    s.train.precision = "tf32";
    CHECK(held(s, data, lanes) == whole);
    s.train.precision = "bf16";
    CHECK(held(s, data, lanes) < whole * 7 / 10);
  }
}

TEST_CASE("a lane in bf16 has the same bits alone, beside others, and after it was saved") {
  TrialSettings s;
  s.train.precision = "bf16";
  s.model.widths = {12, 9};
  s.train.batch_size = 8;
  s.train.epochs = 4;
  s.train.ema = 0.9;
  const auto data = std::make_shared<const Dataset>(noise_data(3, 6, 4, 4));
  OnHost host;
  TrialSettings other = s;
  other.seed = 9;
  auto alone = host(s, data, 1), among = host(s, data, 3);
  alone->admit(s, nullptr);
  among->admit(other, nullptr);
  for (int step = 0; step < 2; ++step) alone->advance(go, {});
  const Checkpoint saved = alone->save(0);
  among->advance(go, {});
  REQUIRE(among->admit(s, &saved) == 1);
  alone->advance(go, {});
  among->advance(go, {});
  CHECK(among->weights_hash(1) == alone->weights_hash(0));
  CHECK(among->save(1).bytes == alone->save(0).bytes);
}

TEST_CASE("the precision is part of a cohort's key, and the CPU refuses all but fp32 by name") {
  const Dataset data = noise_data(3, 6, 4, 4);
  TrialSettings s;
  const auto key = [&] { return device_key(s, make_recipe(s, shape_of(data), null_log())); };
  const std::string fp32 = key();
  s.train.precision = "tf32";
  const std::string tf32 = key();
  s.train.precision = "bf16";
  CHECK(fp32 != tf32);
  CHECK(fp32 != key());
  CHECK(tf32 != key());
  s.train.precision = "fp8";
  CHECK_THROWS_WITH_AS(key(), doctest::Contains("[train.precision]"), UsageError);
  CHECK_THROWS_WITH_AS(settings_from_json(Json::parse(R"({"train": {"precision": "fp64"}})")),
                       doctest::Contains("[train.precision] unknown name 'fp64'"), UsageError);

  const Engine engine({{}, null_log()});
  s.train.precision = "tf32";
  s.data.set = "moons";
  const DeviceInfo cpu = engine.devices().front();
  const Estimate estimate = engine.estimate(s, cpu);
  CHECK(!estimate.feasible);
  CHECK(estimate.why.find("[train.precision] tf32 is for GPUs") != std::string::npos);
  CHECK_THROWS_WITH_AS(engine.make_cohort(s, cpu), doctest::Contains("[train.precision]"),
                       UsageError);
}
