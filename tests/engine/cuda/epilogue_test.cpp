#include "engine/cuda/epilogue.h"

#include <set>

#include "tests/engine/cuda/device_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::cuda;
using namespace vernier::engine::cuda::testing;

namespace {

TrialSettings relu_mlp() {
  TrialSettings s;
  s.model.widths = {130, 9, 12};
  s.model.activation = "relu";
  return s;
}

Graph graph_of(const TrialSettings& s) {
  const Dataset data = noise_data(2, 5, 3, 3);
  Graph graph = build_graph(make_recipe(s, shape_of(data), null_log()).architecture);
  share_relu_masks(graph);
  return graph;
}

int masks(const Graph& graph) {
  std::set<TensorId> found;
  for (const Op& op : graph.forward)
    if (op.kind == OpKind::dense && op.mask != no_tensor) found.insert(op.mask);
  return static_cast<int>(found.size());
}

/// One step with the epilogues that the device offers; the number it used.
int step(const TrialSettings& s, const std::function<bool(Epilogue)>& offered,
         std::vector<Checkpoint>& after) {
  const auto data = std::make_shared<const Dataset>(noise_data(4, 5, 3, 3));
  HostDevice device;
  device.offer(offered);
  const auto resident = std::make_shared<const ResidentData>(device, *data);
  DeviceCohort cohort(s, data, resident, device, "gpu-test", 2);
  TrialSettings other = s;
  other.seed = 5;
  cohort.admit(s, nullptr);
  cohort.admit(other, nullptr);
  cohort.advance(go, {});
  after = {cohort.save(0), cohort.save(1)};
  return device.fused();
}

double difference(const Checkpoint& a, const Checkpoint& b, const Graph& graph) {
  double most = 0;
  for (const Tensor& t : graph.tensors) {
    if (t.role != Role::parameter) continue;
    std::vector<float> one(elements(t.shape)), other(one.size());
    const std::vector<std::int64_t> shape(t.shape.begin(), t.shape.end());
    CheckpointReader(a.bytes).read("weights/" + t.name, one, shape);
    CheckpointReader(b.bytes).read("weights/" + t.name, other, shape);
    most = std::max(most, relative_error(one, other));
  }
  return most;
}

}  // namespace

TEST_CASE(
    "the epilogue follows from activation, bias and mask; gelu has none: cuBLAS' is another") {
  using enum Epilogue;
  const auto forward = forward_epilogue;
  CHECK(forward(Activation::identity, true, false) == bias);
  CHECK(forward(Activation::identity, false, true) == none);
  CHECK(forward(Activation::relu, true, false) == bias_relu);
  CHECK(forward(Activation::relu, false, false) == relu);
  CHECK(forward(Activation::relu, true, true) == bias_relu_mask);
  CHECK(forward(Activation::relu, false, true) == relu_mask);
  for (const ActivationInfo& info : activation_table) {
    if (info.id == Activation::identity || info.id == Activation::relu) continue;
    CHECK(forward(info.id, true, true) == none);
  }
  CHECK(gradient_epilogue(true, true) == relu_gradient_bias);
  CHECK(gradient_epilogue(true, false) == relu_gradient);
  CHECK(gradient_epilogue(false, true) == relu_gradient);
  CHECK(mask_row_bytes(1) == 16);
  CHECK(mask_row_bytes(128) == 16);
  CHECK(mask_row_bytes(129) == 32);
}

TEST_CASE("a relu shares a mask with the product its gradient comes straight from, and no other") {
  TrialSettings s = relu_mlp();
  const Graph graph = graph_of(s);
  CHECK(masks(graph) == 3);
  for (std::size_t i = 0; i < graph.backward.size(); ++i) {
    const Op& op = graph.backward[i];
    if (op.kind != OpKind::dense_input_gradient) continue;
    REQUIRE(i + 2 < graph.backward.size());
    const Op& next = graph.backward[i + 2];  // the layer's weight gradient is between
    REQUIRE(next.kind == OpKind::activate_gradient);
    CHECK(op.mask != no_tensor);
    CHECK(op.mask == next.mask);
    CHECK(op.bias == next.bias);
    CHECK(graph.at(op.mask).shape[0] == mask_row_bytes(graph.at(op.dx).shape[0]));
    CHECK(graph.at(op.mask).bytes);
  }
  s.model.dropout = 0.5;  // stands between
  CHECK(masks(graph_of(s)) == 0);
  s.model.dropout = 0;
  s.model.activation = "tanh";
  CHECK(masks(graph_of(s)) == 0);
  s.model.activation = "relu";
  s.model.batch_norm = true;  // has the relu itself
  CHECK(masks(graph_of(s)) == 0);
}

TEST_CASE("a sum's gradient that another branch adds to is left to its own kernels") {
  TrialSettings s;
  s.model.type = "layers";
  s.model.layers = Json::parse(R"([{"dense": 6}, "relu",
      {"residual": [{"dense": 6}, "relu", {"dense": 6}]}, {"dense": "classes"}])");
  // The inner layer's has one; the first one's gradient is a sum of two.
  CHECK(masks(graph_of(s)) == 1);
  OnHost host;
  moves_as_the_cpu([&](const auto&... with) { return host(with...); }, s,
                   noise_data(4, 5, 3, 3, 9, 6));
}

TEST_CASE("whatever epilogues a device offers, training is the same within rounding") {
  for (const bool biased : {true, false}) {
    TrialSettings s = relu_mlp();
    s.model.bias = biased;
    const Graph graph = graph_of(s);
    std::vector<Checkpoint> with, without, some;
    CHECK(step(
              s, [](Epilogue) { return false; }, without) == 0);
    const int all = step(
        s, [](Epilogue) { return true; }, with);
    CHECK(all > 0);
    for (int lane = 0; lane < 2; ++lane) {
      const auto i = static_cast<std::size_t>(lane);
      CHECK(difference(with[i], without[i], graph) < 1e-4);
    }
    for (int missing = 1; missing <= static_cast<int>(Epilogue::relu_gradient_bias); ++missing) {
      CAPTURE(missing);
      const int used = step(
          s, [&](Epilogue e) { return e != static_cast<Epilogue>(missing); }, some);
      CHECK(used <= all);
      CHECK(difference(some[0], without[0], graph) < 1e-4);
      CHECK(difference(some[1], without[1], graph) < 1e-4);
    }
  }
}

namespace {

/// Of ever larger weights a sum overflows, then is NaN: what a relu makes of it must not hide it.
void diverges(const Make& make) {
  TrialSettings s = relu_mlp();
  s.train.optimizer = "sgd";
  s.train.lr = 1e30;
  s.train.batch_size = 10;
  const auto data = std::make_shared<const Dataset>(noise_data(4, 5, 3, 3));
  auto cohort = make(s, data, 2);
  cohort->admit(s, nullptr);
  TrialSettings calm = s;
  calm.train.lr = 1e-3;
  cohort->admit(calm, nullptr);
  const auto rows = cohort->advance(go, {});
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].diverged);
  CHECK(!rows[1].diverged);
}

}  // namespace

TEST_CASE("a lane of relus diverges where its numbers do") {
  OnHost host;
  diverges([&](const auto&... with) { return host(with...); });
}

TEST_CASE("on a GPU a lane of relus diverges where its numbers do" * doctest::skip()) {
  OnGpu gpu;
  diverges([&](const auto&... with) { return gpu(with...); });
}
