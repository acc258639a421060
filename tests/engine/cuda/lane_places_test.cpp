#include "engine/cuda/lane_places.h"

#include <deque>

#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

/// All that a lane may have of its own, and outlives an update: best and averaged weights, statistics, states, a width in a bucket.
TrialSettings rich(int i) {
  TrialSettings s = small_settings();
  s.model.widths = {9 + i % 3, 7};
  s.train.early_stop.restore = true;
  s.train.lr = 0.004 * (1 + i);
  s.seed = 20 + static_cast<std::uint64_t>(i);
  return s;
}

/// A lane alone on a device of its own, as far as another one that is compared with it.
struct Alone {
  explicit Alone(const TrialSettings& s) : gpu(small_data()), cohort(gpu.cohort(s, 1)) {
    cohort->admit(s, nullptr);
  }
  TestGpu gpu;
  std::unique_ptr<DeviceCohort> cohort;
};

}  // namespace

TEST_CASE(
    "a launch is for as few lanes as train, rounded up to halves of the cohort; their bits stay") {
  const int lanes = 8;
  TestGpu gpu(small_data());
  auto cohort = gpu.cohort(rich(0), lanes);
  std::deque<Alone> alone;
  for (int i = 0; i < lanes; ++i) {
    REQUIRE(cohort->admit(rich(i), nullptr) == i);
    alone.emplace_back(rich(i));
  }
  /// One step of these lanes; the others are held, so far as they are there.
  const auto step = [&](const std::vector<int>& goes, int widest) {
    CAPTURE(goes.size());
    std::vector<bool> held(lanes, true);
    for (const int i : goes) held[static_cast<std::size_t>(i)] = false;
    for (int i = 0; i < lanes; ++i)
      if (alone[static_cast<std::size_t>(i)].cohort != nullptr)
        cohort->hold(i, held[static_cast<std::size_t>(i)]);
    gpu.device.widest();
    const auto rows = cohort->advance(go, {});
    CHECK(gpu.device.widest() == widest);
    REQUIRE(rows.size() == goes.size());
    for (std::size_t k = 0; k < goes.size(); ++k) {
      CHECK(rows[k].lane == goes[k]);
      check_equal(rows[k].results,
                  alone[static_cast<std::size_t>(goes[k])].cohort->advance(go, {}).at(0).results);
    }
    for (int i = 0; i < lanes; ++i) {
      const auto& own = alone[static_cast<std::size_t>(i)].cohort;
      if (own == nullptr) continue;
      CAPTURE(i);
      CHECK(cohort->save(i).bytes == own->save(0).bytes);
      CHECK(cohort->save_best(i).bytes == own->save_best(0).bytes);
      gpu.device.widest();
      check_equal(cohort->test(i), own->test(0));
      CHECK(gpu.device.widest() == 1);
    }
  };
  step({0, 1, 2, 3, 4, 5, 6, 7}, 8);
  step({1, 3, 4, 5, 7}, 8);
  step({1, 3, 5, 7}, 4);  // in the places of 0 and 2
  step({0, 7}, 2);
  step({4, 5, 6}, 4);
  step({6}, 1);
  step({0, 1, 2, 3, 4, 5, 6, 7}, 8);
  for (const int gone : {0, 2, 3, 4, 5, 6}) {
    cohort->retire(gone);
    alone[static_cast<std::size_t>(gone)].cohort.reset();
  }
  step({1, 7}, 2);
  for (const int i : {0, 2}) {  // new lanes where others were
    REQUIRE(cohort->admit(rich(i), nullptr) == i);
    alone[static_cast<std::size_t>(i)].cohort =
        alone[static_cast<std::size_t>(i)].gpu.cohort(rich(i), 1);
    alone[static_cast<std::size_t>(i)].cohort->admit(rich(i), nullptr);
  }
  step({0, 2}, 2);
  step({0, 1, 2, 7}, 4);
}

TEST_CASE("a cohort of any size comes down to one lane by halves, each recorded once") {
  TestGpu gpu(small_data());
  TrialSettings s = small_settings();
  s.train.epochs = 20;
  auto cohort = gpu.cohort(s, 7);
  for (int i = 0; i < 7; ++i) cohort->admit(s, nullptr);
  std::vector<int> sizes;
  for (int live = 7; live > 0; --live) {
    gpu.device.widest();
    CHECK(cohort->advance(go, {}).size() == static_cast<std::size_t>(live));
    sizes.push_back(gpu.device.widest());
    cohort->retire(7 - live);
  }
  CHECK(sizes == std::vector<int>{7, 7, 7, 4, 4, 2, 1});
  int recordings = 0;
  gpu.device.watch([&](std::string_view call, int, std::size_t) {
    if (call == "begin_recording") ++recordings;
  });
  for (int i = 0; i < 7; ++i) {
    cohort->admit(s, nullptr);
    cohort->advance(go, {});
  }
  CHECK(recordings == 0);
}

namespace {

/// As lanes leave, the last one lies elsewhere, among fewer and fewer, alone in the end: with the bits of one that always was.
void bits_in_any_place(const Make& make) {
  TrialSettings units = small_settings(), images;
  units.model.activation = "relu";
  units.model.widths = {40, 24};
  images.model.type = "layers";
  images.model.layers = Json::parse(R"([{"conv": {"filters": 16, "kernel": 3}}, "relu",
      {"conv": {"filters": 16, "kernel": 2}}, "batch_norm", "relu", "flatten", {"dense": "classes"}])");
  images.train.batch_size = 4;
  images.train.epochs = 10;
  const auto flat = std::make_shared<const Dataset>(small_data()),
             pictures = std::make_shared<const Dataset>(image_data(3, {4, 4, 1}, 3, 16, 5));
  for (const char* precision : {"fp32", "tf32", "bf16"}) {
    for (TrialSettings s : {units, images}) {
      CAPTURE(precision);
      CAPTURE(s.model.type);
      s.train.precision = precision;
      const auto& data = s.model.type == "layers" ? pictures : flat;
      auto among = make(s, data, 7), alone = make(s, data, 1);
      for (int lane = 0; lane < 7; ++lane) {
        TrialSettings other = s;
        other.seed = 30 + static_cast<std::uint64_t>(lane);
        REQUIRE(among->admit(lane == 6 ? s : other, nullptr) == lane);
      }
      alone->admit(s, nullptr);
      for (int gone = 0; gone < 6; ++gone) {
        check_equal(among->advance(go, {}).back().results, alone->advance(go, {}).at(0).results);
        among->retire(gone);
      }
      check_equal(among->advance(go, {}).at(0).results, alone->advance(go, {}).at(0).results);
      CHECK(among->save(6).bytes == alone->save(0).bytes);
      check_equal(among->test(6), alone->test(0));
    }
  }
}

}  // namespace

TEST_CASE("a lane that is left alone has the bits of one that always was, in every precision") {
  OnHost host;
  bits_in_any_place([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a GPU a lane has the same bits in any place, among any number" * doctest::skip()) {
  OnGpu gpu;
  bits_in_any_place([&](const auto&... with) { return gpu(with...); });
}
