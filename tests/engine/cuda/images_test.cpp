// Networks of images on a device: gradients and evaluation against the CPU's.
#include "engine/models/registry.h"
#include "tests/engine/cuda/device_support.h"
#include "tests/engine/random_layers.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

void random_networks(const Make& make) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    CAPTURE(seed);
    const int size = 3 + static_cast<int>(seed % 10);
    TrialSettings s;
    s.model.type = "layers";
    s.model.layers = RandomLayers(seed).make(size);
    CAPTURE(s.model.layers.dump());
    if (seed % 2 == 0) {
      s.augment.flip = 0.5;
      s.augment.crop = 1;
      s.augment.cutout = static_cast<int>(seed % 3);
      if (seed % 4 == 0) {
        s.augment.shift = 1;
        s.augment.scale = 0.1;
        s.augment.contrast = s.augment.brightness = s.augment.jitter = 0.2;
      }
    }
    moves_as_the_cpu(make, s,
                     image_data(seed, {size, size, 1 + static_cast<int>(seed % 4)}, 4, 6, 7));
  }
}

void named_models(const Make& make) {
  std::uint64_t seed = 300;
  for (const ModelInfo& info : models()) {
    if (info.name == "mlp" || info.name == "logistic" || info.name == "layers") continue;
    CAPTURE(info.name);
    TrialSettings s;
    s.model.type = info.name;
    s.model.width_factor = info.name.starts_with("wrn-") && info.name != "wrn-16-1" ? 0.02 : 0.06;
    s.model.shortcut = ++seed % 2 == 0 ? "pad" : "conv";
    // Deep networks of relu: single precision takes the other side of a kink here and there. Through 56 layers in so narrow a form a rounding
    // grows to a hundredth of the gradient; their operations are those of 20 layers.
    const Shape shape = seed % 3 == 0 ? Shape{28, 28, 1} : Shape{32, 32, 3};
    moves_as_the_cpu(make, s, image_data(seed, shape, 5, 3, 2),
                     {.moves = 1e-2, .gradients = !info.name.ends_with("56")});
  }
}

void many_windows(const Make& make) {
  TrialSettings s;
  s.model.type = "layers";
  s.model.layers =
      Json::parse(R"([{"conv": {"filters": 3, "kernel": 11, "padding": "same"}}, "tanh",
    {"conv": {"filters": 4, "kernel": 15, "padding": "same"}}, "gelu", "global_avg_pool", {"dense": "classes"}])");
  moves_as_the_cpu(make, s, image_data(5, {32, 32, 3}, 4, 14, 13));
}

void groups(const Make& make) {
  TrialSettings s;
  s.model.type = "layers";
  for (
      const char* layers :
      {R"([{"conv": {"filters": 6, "kernel": 3, "padding": "same", "groups": 3}}, "tanh",
            {"conv": {"filters": 6, "kernel": 3, "stride": 2, "padding": "same", "groups": 6}}, "gelu",
            {"conv": {"filters": 4, "kernel": 1, "groups": 2}}, "flatten", {"dense": "classes"}])",
       R"([{"conv": {"filters": 4, "kernel": 11, "padding": "same", "groups": 2}}, "batch_norm", "tanh",
            {"residual": [{"conv": {"filters": 4, "kernel": 3, "padding": "same", "groups": 4}}, "elu"]},
            "global_avg_pool", {"dense": "classes"}])"}) {
    CAPTURE(layers);
    s.model.layers = Json::parse(layers);
    const int channels =
        std::string_view(layers).find("\"groups\": 3") != std::string_view::npos ? 3 : 4;
    moves_as_the_cpu(make, s, image_data(6, {20, 18, channels}, 4, 12, 9));
  }
}

}  // namespace

TEST_CASE("random networks of images have the CPU's gradients on a device, augmented or not") {
  OnHost host;
  random_networks([&](const auto&... with) { return host(with...); });
}
TEST_CASE("so has every named model, in a narrow form") {
  OnHost host;
  named_models([&](const auto&... with) { return host(with...); });
}
TEST_CASE("so have convolutions whose windows do not fit side by side at once") {
  OnHost host;
  many_windows([&](const auto&... with) { return host(with...); });
}

TEST_CASE("so have convolutions of groups of channels, many pixels' windows or one's") {
  OnHost host;
  groups([&](const auto&... with) { return host(with...); });
}

// What tests/gpu.sh runs where there is one.
TEST_CASE("on a GPU networks of images have the CPU's gradients" * doctest::skip()) {
  OnGpu gpu;
  random_networks([&](const auto&... with) { return gpu(with...); });
  named_models([&](const auto&... with) { return gpu(with...); });
  many_windows([&](const auto&... with) { return gpu(with...); });
  groups([&](const auto&... with) { return gpu(with...); });
}
