#include "engine/cuda/convolution.h"

#include <cstdlib>

#include "engine/cuda/load.h"
#include "engine/models/registry.h"
#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

/// Layers with enough channels for cuDNN, of every kind of window, beside some without.
TrialSettings wide_layers() {
  TrialSettings s;
  s.model.type = "layers";
  s.model.layers =
      Json::parse(R"([{"conv": {"filters": 16, "kernel": 3, "padding": "same"}}, "tanh",
      {"conv": {"filters": 17, "kernel": 3, "stride": 2, "padding": "same"}}, "batch_norm", "gelu",
      {"residual": [{"conv": {"filters": 17, "kernel": 3, "padding": "same"}}, "tanh"]},
      {"conv": {"filters": 16, "kernel": 1}}, "elu", {"conv": {"filters": 18, "kernel": 2}}, "softplus",
      "global_avg_pool", {"dense": "classes"}])");
  return s;
}

struct Counted {
  bool offered = true;
  std::vector<std::unique_ptr<HostDevice>> devices;
  std::unique_ptr<Cohort> operator()(const TrialSettings& settings,
                                     const std::shared_ptr<const Dataset>& data, int lanes) {
    devices.push_back(std::make_unique<HostDevice>());
    devices.back()->convolves(offered);
    auto resident = std::make_shared<const ResidentData>(*devices.back(), *data);
    return std::make_unique<DeviceCohort>(settings, data, std::move(resident), *devices.back(),
                                          "gpu-test", lanes);
  }
  int convolved() const {
    int sum = 0;
    for (const auto& device : devices) sum += device->convolved();
    return sum;
  }
};

Graph graph_of(const TrialSettings& s, const Shape& input, int classes) {
  return build_graph(build_model(s.model, input, classes));
}

}  // namespace

TEST_CASE("cuDNN is asked for windows of many channels, whatever the number of lanes") {
  const Graph graph = graph_of(wide_layers(), {10, 9, 3}, 4);
  std::vector<bool> forward;
  for (const Op& op : graph.forward)
    if (op.kind == OpKind::conv) forward.push_back(by_cudnn(graph, op));
  // Few channels; stride; body of the sum; 1x1; 2x2.
  CHECK(forward == std::vector<bool>{false, true, true, false, true});
  for (const Op& op : graph.backward) {
    if (op.accumulate) CHECK(!by_cudnn(graph, op));
    if (op.kind == OpKind::dense_weight_gradient) CHECK(!by_cudnn(graph, op));
  }
}

TEST_CASE("padding is the same on both sides where the output allows it") {
  const auto check = [](const Padding& p, int before, int behind) {
    CHECK(p.before == before);
    CHECK(p.behind == behind);
  };
  check(padding_of(32, 32, 3, 1, 1), 1, 1);
  check(padding_of(32, 16, 3, 2, 1), 1, 1);  // the last row of zeros is not read
  check(padding_of(32, 16, 3, 2, 0), 0, 1);  // as "same" pads: behind alone
  check(padding_of(28, 24, 5, 1, 0), 0, 0);
  check(padding_of(7, 3, 2, 2, 0), 0, 0);  // a row is left over
}

TEST_CASE("a network trains as on the CPU, with cuDNN's convolutions or without") {
  for (const bool offered : {true, false}) {
    CAPTURE(offered);
    Counted make{offered, {}};
    moves_as_the_cpu([&](const auto&... with) { return make(with...); }, wide_layers(),
                     image_data(3, {10, 9, 3}, 4, 7, 5));
    CHECK((make.convolved() > 0) == offered);
  }
  for (const char* precision : {"tf32", "bf16"}) {
    CAPTURE(std::string(precision));
    Counted make;
    TrialSettings s = wide_layers();
    s.train.precision = precision;
    moves_as_the_cpu([&](const auto&... with) { return make(with...); }, s,
                     image_data(3, {10, 9, 3}, 4, 7, 5), {.moves = 0.1, .metrics = 5e-2});
    CHECK(make.convolved() > 0);
  }
}

// With a module that was built here; needs cuDNN, no GPU.
TEST_CASE("cuDNN's front end takes the graph of every convolution of the named models") {
  std::string why;
  const auto module = CudaModule::open(why);
  if (!module) {
    // ctest names the module that was built with this program: then it must open.
    REQUIRE_MESSAGE(std::getenv("VERNIER_CUDA_MODULE") == nullptr, why);
    MESSAGE("not tested: " << why);
    return;
  }
  std::size_t cublaslt = 0, cudnn = 0;
  REQUIRE(module->api().libraries(&cublaslt, &cudnn) == nullptr);
  if (cudnn == 0) {
    MESSAGE("not tested: no libcudnn.so.9 ($VERNIER_CUDA_LIBS names its folder)");
    return;
  }
  int seen = 0;
  for (const ModelInfo& info : models()) {
    if (info.name == "mlp" || info.name == "logistic" || info.name == "layers") continue;
    TrialSettings s;
    s.model.type = info.name;
    const Graph graph = graph_of(s, {32, 32, 3}, 10);
    for (const Op& op : graph.forward) {
      if (!by_cudnn(graph, op)) continue;
      const Shape &in = graph.at(op.x).shape, &out = graph.at(op.y).shape;
      for (const auto kind : {ConvolutionKind::forward, ConvolutionKind::input_gradient,
                              ConvolutionKind::weight_gradient}) {
        for (const Number number : {Number::fp32, Number::bf16}) {
          Convolution c;
          c.kind = kind;
          c.w = {{in[0], in[1], in[2]}, {out[0], out[1], out[2]}, op.window.height,
                 op.window.width,       op.window.stride,         op.window.before};
          c.rows = 128;
          c.x.number = c.filters.number = c.y.number = number;
          const char* message = module->api().validate_convolution(c);
          CHECK_MESSAGE(message == nullptr, std::string(message == nullptr ? "" : message));
          ++seen;
        }
      }
    }
  }
  CHECK(seen > 500);
  Convolution wrong;  // sizes that do not fit
  wrong.w = {{8, 8, 16}, {3, 3, 16}, 3, 3, 1, 1};
  wrong.rows = 4;
  CHECK(module->api().validate_convolution(wrong) != nullptr);
}

TEST_CASE("on a GPU wide convolutions have the CPU's gradients in every precision" *
          doctest::skip()) {
  OnGpu gpu;
  TrialSettings s = wide_layers();
  for (const char* precision : {"fp32", "tf32", "bf16"}) {
    CAPTURE(std::string(precision));
    s.train.precision = precision;
    const bool exact = s.train.precision == "fp32";
    moves_as_the_cpu([&](const auto&... with) { return gpu(with...); }, s,
                     image_data(3, {10, 9, 3}, 4, 7, 5),
                     exact ? Bounds{} : Bounds{.moves = 0.1, .metrics = 5e-2});
  }
}
