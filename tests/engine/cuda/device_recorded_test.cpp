// What lanes record on a device is what the CPU's record, and changes nothing else.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "core/error.h"
#include "tests/engine/cuda/device_support.h"
#include "tests/engine/cuda/host_gpus.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

struct Case {
  const char* name;
  TrialSettings settings;
  Dataset data;
};

TrialSettings recording(TrialSettings s, std::vector<std::string> kinds) {
  s.train.record.kinds = std::move(kinds);
  s.train.record.every = 2;
  return s;
}

TrialSettings layers(const char* text) {
  TrialSettings s;
  s.model.type = "layers";
  s.model.layers = Json::parse(text);
  s.train.batch_size = 4;
  s.train.epochs = 6;
  s.train.lr = 0.01;
  return s;
}

/// Every kind, and every way of values on a device: widths in a bucket, images, cuDNN's convolutions, softmax inside, averaged weights.
std::vector<Case> cases() {
  const std::vector<std::string> of_classes{"gradients", "classes", "units",
                                            "confusion", "worst",   "histograms"};
  TrialSettings base = small_settings();
  base.model.bias =
      false;  // before batch norm: its gradient is rounding alone, of which adam makes steps
  std::vector<Case> all;
  all.push_back({"units", recording(base, of_classes), small_data()});

  TrialSettings relus = small_settings();
  relus.model.activation = "relu";
  relus.model.batch_norm = false;
  relus.train.ema = 0;
  relus.train.clip_norm = 0.5;
  relus.train.freeze = {"dense1"};
  all.push_back({"relus", recording(relus, of_classes), noise_data(5, 7, 3, 3, 40, 300)});

  TrialSettings images = layers(
      R"([{"conv": {"filters": 16, "kernel": 3, "padding": "same"}}, "relu", {"max_pool": 2},
          {"conv": {"filters": 17, "kernel": 2}}, "batch_norm", "relu", "flatten", {"dense": 5}, "softmax", {"dense": "classes"}])");
  auto with_filters = of_classes;
  with_filters.push_back("filters");
  all.push_back({"images", recording(images, with_filters), image_data(3, {6, 6, 1}, 3, 16, 9)});

  Dataset plane = noise_data(7, 2, 3, 3, 40, 30);
  all.push_back({"plane", recording(base, {"map", "histograms"}), plane});

  Dataset curve = noise_data(15, 1, 0, 1, 60, 31);
  curve.target_mean = 5;
  curve.target_deviation = 2;
  TrialSettings fit = base;
  fit.metric = "val_loss";
  fit.maximize = false;
  all.push_back({"curve", recording(fit, {"fit", "gradients", "histograms"}), curve});
  return all;
}

std::vector<double> numbers(const Json& json) {
  std::vector<double> all;
  for (const Json& item : json.flatten()) {
    if (item.is_number()) all.push_back(item.get<double>());
    if (!item.is_string()) continue;
    for (const char c : item.get<std::string>()) all.push_back(static_cast<double>(c));
  }
  return all;
}

/// The same values but for rounding: as many of them, between the same ends, and hardly any in another bin.
void near_histogram(const Json& a, const Json& b) {
  const auto edges = a["edges"].get<std::vector<double>>(),
             wanted = b["edges"].get<std::vector<double>>();
  const auto counts = a["counts"].get<std::vector<int>>(),
             right = b["counts"].get<std::vector<int>>();
  const int all = std::accumulate(right.begin(), right.end(), 0);
  const double width = wanted.back() - wanted.front();
  CHECK(std::accumulate(counts.begin(), counts.end(), 0) == all);
  CHECK(std::abs(edges.front() - wanted.front()) < 0.06 * width);
  CHECK(std::abs(edges.back() - wanted.back()) < 0.06 * width);
  const double step = wanted[1] - wanted[0];
  if (std::abs(edges[1] - edges[0] - step) > 0.01 * step) return;
  std::map<long, int> bins;  // all begin at multiples of the step
  for (std::size_t i = 0; i < counts.size(); ++i) bins[std::lround(edges[i] / step)] += counts[i];
  for (std::size_t i = 0; i < right.size(); ++i) bins[std::lround(wanted[i] / step)] -= right[i];
  int apart = 0;
  for (const auto& [edge, count] : bins) apart += std::abs(count);
  CHECK(apart <= all / 20 + 2);
}

/// Numbers but for rounding; what was drawn in bytes may be elsewhere for one in fifty.
void near(const Recorded& got, const Recorded& want) {
  CAPTURE(want.name);
  CHECK(got.name == want.name);
  CHECK(got.kind == want.kind);
  const Json a = Json::parse(got.blob), b = Json::parse(want.blob);
  REQUIRE(a.size() == b.size());
  if (want.kind == "histogram") return near_histogram(a, b);
  const auto first = numbers(a), second = numbers(b);
  REQUIRE(first.size() == second.size());
  std::size_t apart = 0;
  for (std::size_t i = 0; i < first.size(); ++i)
    apart += std::abs(first[i] - second[i]) > 5e-3 * (0.1 + std::abs(second[i])) ? 1 : 0;
  CHECK(static_cast<double>(apart) <= 0.02 * static_cast<double>(first.size()) + 1);
}

std::size_t own_metrics(const TrialSettings& settings, const Dataset& data) {
  return make_recipe(settings, shape_of(data), null_log()).record.metrics.size();
}

void records_as_the_cpu(const Make& make) {
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    const auto data = std::make_shared<const Dataset>(one.data);
    TrialSettings other = one.settings, silent = one.settings;
    other.seed = 19;
    other.train.lr *= 2;
    silent.train.record = {};
    auto device = make(one.settings, data, 4);
    CpuCohort cpu(one.settings, data, "gpu-test");
    for (const TrialSettings& each : std::vector{one.settings, silent, other}) {
      device->admit(each, nullptr);
      cpu.admit(each, nullptr);
    }
    std::size_t pictures = 0;
    for (int step = 1; step <= 4; ++step) {
      const auto got = device->advance(go, {}), want = cpu.advance(go, {});
      REQUIRE(got.size() == want.size());
      for (std::size_t i = 0; i < want.size(); ++i) {
        CAPTURE(i);
        REQUIRE(got[i].results.size() == want[i].results.size());
        for (std::size_t k = 0; k < want[i].results.size(); ++k) {
          const auto& [name, value] = want[i].results[k];
          CAPTURE(name);
          CHECK(got[i].results[k].first == name);
          if (!name.starts_with("val_acc") && !name.starts_with("train_acc"))
            CHECK(got[i].results[k].second == doctest::Approx(value).epsilon(5e-3));
        }
        CHECK(got[i].results.size() == result_names(data->classes > 0).size() +
                                           (i == 1 ? 0 : own_metrics(one.settings, *data)));
        REQUIRE(got[i].recorded.size() == want[i].recorded.size());
        for (std::size_t r = 0; r < want[i].recorded.size(); ++r)
          near(got[i].recorded[r], want[i].recorded[r]);
        pictures += want[i].recorded.size();
      }
    }
    CHECK(pictures > 0);
  }
}

}  // namespace

TEST_CASE(
    "lanes on a device record what the CPU's record: metrics, and pictures when they are due") {
  OnHost host;
  records_as_the_cpu([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a GPU lanes record what the CPU's record" * doctest::skip()) {
  OnGpu gpu;
  records_as_the_cpu([&](const auto&... with) { return gpu(with...); });
}

TEST_CASE("recording changes no bit of a lane or of its neighbours, and is the same in any place") {
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    TrialSettings silent = one.settings, other = silent;
    silent.train.record = other.train.record = {};
    other.seed = 3;
    TestGpu gpu(one.data);
    auto quiet = gpu.cohort(silent, 4), loud = gpu.cohort(silent, 4),
         alone = gpu.cohort(one.settings, 1);
    alone->admit(one.settings, nullptr);
    for (const bool records : {false, true}) {
      auto& cohort = records ? loud : quiet;
      cohort->admit(other, nullptr);
      cohort->admit(records ? one.settings : silent, nullptr);
      cohort->admit(other, nullptr);
      cohort->admit(other, nullptr);
    }
    for (int step = 1; step <= 4; ++step) {
      if (step == 3)  // two are left: they lie elsewhere from now on
        for (const int lane : {0, 2}) {
          quiet->hold(lane, true);
          loud->hold(lane, true);
        }
      const auto want = quiet->advance(go, {}), got = loud->advance(go, {});
      const MetricRow single = alone->advance(go, {}).at(0);
      REQUIRE(got.size() == want.size());
      for (std::size_t i = 0; i < got.size(); ++i) {
        Metrics common = got[i].results;
        common.resize(want[i].results.size());
        check_equal(common, want[i].results);
        if (got[i].lane != 1) {
          CHECK(got[i].recorded.empty());
          continue;
        }
        check_equal(got[i].results, single.results);
        CHECK(got[i].recorded == single.recorded);
        CHECK(single.recorded.empty() == (step == 3));
      }
      for (int lane = 0; lane < 4; ++lane) CHECK(loud->save(lane).bytes == quiet->save(lane).bytes);
    }
    // A step that is trained again leaves the same bytes.
    const Checkpoint saved = alone->save(0);
    auto again = gpu.cohort(one.settings, 2);
    again->admit(other, nullptr);
    REQUIRE(again->admit(one.settings, &saved) == 1);
    const MetricRow next = alone->advance(go, {}).at(0);
    for (const MetricRow& row : again->advance(go, {}))
      if (row.lane == 1) CHECK(row.recorded == next.recorded);
  }
}

TEST_CASE("a lane that diverges records no picture, and its neighbour's stay") {
  TrialSettings s = recording(small_settings(), {"gradients", "classes", "confusion"});
  s.model.activation = "relu";
  s.model.batch_norm = false;
  s.train.optimizer = "sgd";
  TrialSettings wild = s;
  wild.train.lr = 1e30;
  TestGpu gpu(small_data());
  auto cohort = gpu.cohort(s, 2), alone = gpu.cohort(s, 1);
  cohort->admit(wild, nullptr);
  cohort->admit(s, nullptr);
  alone->admit(s, nullptr);
  const auto rows = cohort->advance(go, {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].diverged);
  CHECK(rows[0].recorded.empty());
  CHECK(std::isnan(metric(rows[0], "val_acc.0")));
  const MetricRow single = alone->advance(go, {}).at(0);
  check_equal(rows[1].results, single.results);
  CHECK(rows[1].recorded == single.recorded);
  CHECK(!single.recorded.empty());
}

TEST_CASE("in bf16 a device records what it computes: near the same in fp32") {
  for (const Case& one : cases()) {
    CAPTURE(one.name);
    TestGpu gpu(one.data);
    TrialSettings rounded = one.settings;
    rounded.train.precision = "bf16";
    rounded.train.lr = 1e-6;  // the same weights but for the rounding of one step
    TrialSettings exact = rounded;
    exact.train.precision = "fp32";
    auto a = gpu.cohort(rounded, 1), b = gpu.cohort(exact, 1);
    a->admit(rounded, nullptr);
    b->admit(exact, nullptr);
    const MetricRow got = a->advance(go, {}).at(0), want = b->advance(go, {}).at(0);
    REQUIRE(got.results.size() == want.results.size());
    for (std::size_t k = 0; k < want.results.size(); ++k) {
      const auto& [name, value] = want.results[k];
      CAPTURE(name);
      CHECK(got.results[k].first == name);
      if (name.starts_with("grad_norm"))
        CHECK(got.results[k].second == doctest::Approx(value).epsilon(0.05));
    }
    REQUIRE(got.recorded.size() == want.recorded.size());
    for (std::size_t r = 0; r < want.recorded.size(); ++r) {
      CAPTURE(want.recorded[r].name);
      CHECK(got.recorded[r].name == want.recorded[r].name);
      if (want.recorded[r].kind != "histogram") continue;
      const Json x = Json::parse(got.recorded[r].blob), y = Json::parse(want.recorded[r].blob);
      const auto width = y["edges"].back().get<double>() - y["edges"].front().get<double>();
      for (const auto side : {0, 1}) {
        const auto end = [&](const Json& json) {
          return (side == 0 ? json["edges"].front() : json["edges"].back()).get<double>();
        };
        CHECK(std::abs(end(x) - end(y)) < 0.1 * width);
      }
    }
  }
}

TEST_CASE("of folds on a device the pictures are those of the first, the metrics means") {
  TrialSettings s;
  s.data.set = "moons";
  s.data.n = 120;
  s.data.folds = 3;
  s.model.widths = {7};
  s.train.batch_size = 16;
  s.train.epochs = 2;
  s = recording(s, {"map", "classes", "gradients"});
  std::vector<HostGpu> gpus(1);
  const Engine engine{{{}, null_log(), host_gpus(gpus)}};
  const auto devices = engine.devices();
  auto device = engine.make_cohort(s, devices.back(), 2), cpu = engine.make_cohort(s, devices[0]);
  REQUIRE(devices.back().gpu);
  device->admit(s, nullptr);
  cpu->admit(s, nullptr);
  const MetricRow got = device->advance(go, {}).at(0), want = cpu->advance(go, {}).at(0);
  REQUIRE(want.recorded.size() == 1);
  REQUIRE(got.recorded.size() == 1);
  near(got.recorded[0], want.recorded[0]);
  for (const char* name : {"grad_norm.dense1", "grad_norm.output"})
    CHECK(metric(got, name) == doctest::Approx(metric(want, name)).epsilon(5e-3));
}
