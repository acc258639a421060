// What a cohort on a device costs, and what it does where something is refused or fails.
#include <string>

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

/// Networks of units, and of images with unfolded windows and cuDNN's, in two precisions.
std::vector<std::pair<TrialSettings, Dataset>> small_trials() {
  TrialSettings images;
  images.model.type = "layers";
  images.model.layers = Json::parse(R"([{"conv": {"filters": 16, "kernel": 3}}, "relu",
      {"conv": {"filters": 16, "kernel": 2}}, "batch_norm", "relu", "flatten", {"dense": 4}, "relu", {"dense": "classes"}])");
  images.train.precision = "bf16";
  images.train.batch_size = 4;
  images.augment.flip = 0.5;
  images.train.record.kinds = {"filters", "units"};
  Dataset pictures = noise_data(3, 16, 3, 3, 8, 4, 4);
  pictures.shape = {4, 4, 1};
  TrialSettings units = small_settings();
  units.train.record.kinds = {"gradients", "classes", "histograms"};
  return {{units, small_data()}, {images, pictures}};
}

}  // namespace

TEST_CASE(
    "a device that fails at any of its calls is an error there, and all its memory is given back") {
  for (const auto& [s, data] : small_trials()) {
    const auto work = [&](TestGpu& gpu) {
      auto cohort = gpu.cohort(s, 2);
      cohort->admit(s, nullptr);
      cohort->advance(go, {});
      cohort->admit(s, nullptr);
      cohort->advance(go, {});
      cohort->save(1);
      cohort->weights_hash(0);
      cohort->test(0);
      cohort->retire(0);
      cohort->advance(go, {});  // of one lane, in the other's place
    };
    CAPTURE(s.model.type);
    TestGpu well(data);
    const int before = well.device.calls();
    const std::size_t data_bytes = well.device.held();
    work(well);
    const int calls = well.device.calls();
    REQUIRE(calls > before + 100);
    CHECK((well.device.convolved() > 0) == (s.model.type == "layers"));
    CHECK(well.device.held() == data_bytes);
    for (int at = before + 1; at <= calls; ++at) {
      CAPTURE(at);
      TestGpu ill(data, std::size_t{1} << 32, at);
      bool records = false;  // a GPU gives no memory back while it does
      ill.device.watch([&](std::string_view call, int number, std::size_t) {
        if (call == "begin_recording" && number < at) records = true;
        if (call == "end_recording") records = false;
      });
      CHECK_THROWS_AS(work(ill), DeviceError);
      CHECK(!records);
      CHECK(ill.device.held() == data_bytes);
    }
    for (int at = 1; at <= before; ++at)
      CHECK_THROWS_AS(TestGpu(data, std::size_t{1} << 32, at), DeviceError);
  }
}

TEST_CASE("a cohort takes exactly the memory that its layout says") {
  const TrialSettings s = small_settings();
  const Dataset data = small_data();
  for (int lanes : {1, 2, 7}) {
    const std::size_t needed =
        make_layout(make_recipe(s, shape_of(data), null_log()), data, lanes).bytes;
    TestGpu gpu(small_data());
    const std::size_t before = gpu.device.held();
    const auto cohort = gpu.cohort(s, lanes);
    CHECK(gpu.device.held() - before == needed);
    CHECK(cohort->bytes() == needed);
    TestGpu enough(small_data(), before + needed), less(small_data(), before + needed - 1);
    CHECK_NOTHROW(enough.cohort(s, lanes));
    CHECK_THROWS_AS(less.cohort(s, lanes), DeviceError);
  }
}

TEST_CASE("recording takes no more memory than the layout says") {
  TrialSettings s = small_settings();
  for (const auto& [kinds, features] : std::vector<std::pair<std::vector<std::string>, int>>{
           {{"map", "gradients", "units"}, 2}, {{"histograms", "classes"}, 6}}) {
    s.train.record.kinds = kinds;
    TestGpu gpu(noise_data(3, features, 4, 4, 50, 300));
    auto cohort = gpu.cohort(s, 2);
    cohort->admit(s, nullptr);
    int allocations = 0;
    gpu.device.watch([&](std::string_view call, int, std::size_t) {
      if (call == "allocate") ++allocations;
    });
    CHECK(!cohort->advance(go, {}).at(0).recorded.empty());
    CHECK(allocations == 0);
  }
}

TEST_CASE(
    "the host waits every 64 updates and four times a step, however many examples are validated") {
  TrialSettings s = small_settings();
  s.train.batch_size = 1;
  s.train.measures_per_epoch = 1;
  s.model.batch_norm = false;
  for (const int train : {1, 63, 64, 65, 256}) {
    for (const int valid : {10, 3000}) {
      CAPTURE(train);
      CAPTURE(valid);
      TestGpu gpu(noise_data(3, 4, 2, 2, train, valid));
      auto cohort = gpu.cohort(s, 3);
      cohort->admit(s, nullptr);
      cohort->admit(s, nullptr);
      cohort->advance(go, {});  // two lanes of three: of another size, recorded now
      const int before = gpu.device.waits();
      int beats = 0;
      REQUIRE(cohort->advance(go, [&] { ++beats; }).size() == 2);
      const int looks = (train + 63) / 64;
      CHECK(beats == looks);
      CHECK(gpu.device.waits() - before == looks + 4);  // lanes, rates; sums, lanes
    }
  }
}

TEST_CASE(
    "what lanes record costs a wait for each batch that is validated, however many they are") {
  TrialSettings s = small_settings();
  s.train.measures_per_epoch = 1;
  s.train.record.kinds = {"gradients", "classes"};
  const auto waits = [&](int lanes) {
    TestGpu gpu(noise_data(3, 4, 2, 2, 64, 1000));
    auto cohort = gpu.cohort(s, 8);
    for (int i = 0; i < lanes; ++i) cohort->admit(s, nullptr);
    cohort->advance(go, {});
    const int before = gpu.device.waits();
    cohort->advance(go, {});
    return gpu.device.waits() - before;
  };
  CHECK(waits(1) == 1 + 4 + 1 + 4);  // norms; 1000 examples, 256 at a time
  CHECK(waits(8) == waits(1));
}

TEST_CASE("a lane's weights are copied once a step, however many of its tensors are looked at") {
  TrialSettings s = small_settings();
  s.train.record.kinds = {"histograms"};
  s.train.record.every = 1;
  const auto waits = [&](std::vector<int> widths) {
    s.model.widths = std::move(widths);
    TestGpu gpu(noise_data(3, 4, 2, 2, 64, 100));
    auto cohort = gpu.cohort(s, 1);
    cohort->admit(s, nullptr);
    const int before = gpu.device.waits();
    REQUIRE(!cohort->advance(go, {}).at(0).recorded.empty());
    return gpu.device.waits() - before;
  };
  const int shallow = waits({9, 7});
  CHECK(waits({9, 7, 8, 6, 5}) == shallow + 3);  // the activations of each layer more
}

TEST_CASE("cancelled, a cohort returns nothing") {
  const TrialSettings s = small_settings();
  TestGpu gpu(small_data());
  auto cohort = gpu.cohort(s, 1);
  cohort->admit(s, nullptr);
  std::atomic<bool> cancel{true};
  CHECK(cohort->advance(cancel, {}).empty());
  cancel = false;
  CHECK(cohort->advance(cancel, [&] { cancel = true; }).size() == 1);
  CHECK(cohort->advance(cancel, {}).empty());
  cohort->retire(0);
  CHECK_THROWS_AS(cohort->save(0), UsageError);
}

TEST_CASE("what a device cannot train is refused by name") {
  TestGpu gpu(small_data());
  const TrialSettings s = small_settings();
  const auto refusal = [&](const TrialSettings& settings) -> std::string {
    try {
      gpu.cohort(settings, 1);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "";
  };
  CHECK(refusal(s).empty());
  TrialSettings deep = s;
  deep.model = {};
  deep.model.type = "layers";
  deep.model.layers = Json::array();
  for (int i = 0; i < 65; ++i) deep.model.layers.push_back({{"dropout", 0.1}});
  deep.model.layers.push_back({{"dense", "classes"}});
  CHECK(refusal(deep).find("more than 64 dropout layers") != std::string::npos);

  auto cohort = gpu.cohort(s, 1);
  TrialSettings wider = s;
  wider.model.widths = {17, 7};
  CHECK_THROWS_AS(cohort->admit(wider, nullptr), UsageError);
  TrialSettings undropped = s;
  undropped.model.dropout = 0;
  CHECK_THROWS_AS(cohort->admit(undropped, nullptr), UsageError);
  cohort->admit(s, nullptr);
  CHECK_THROWS_AS(cohort->admit(s, nullptr), UsageError);
}
