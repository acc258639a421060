#include "engine/cpu/runner.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "engine/cpu/gemm.h"
#include "engine/models/registry.h"
#include "tests/engine/engine_support.h"
#include "tests/engine/random_layers.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

struct Case {
  Architecture net;
  Loss loss = Loss::cross_entropy;
  double smoothing = 0;
  bool classes = true;
};

/// The last layer, a loss and targets for it.
template <class Below>
void finish(Case& c, Below&& below) {
  c.net.layers.push_back(dense("out", 2 + below(20), below(4) != 0));
  c.loss = loss_table[static_cast<std::size_t>(below(4))].id;
  c.classes = c.loss != Loss::mse || below(2) == 0;
  c.smoothing = below(2) == 0 ? 0.1 : 0.0;
}

/// A random stack of every kind of layer, ending in a dense one.
Case random_case(std::uint64_t seed) {
  Rng rng({seed, Stream::sampler, 0});
  const auto below = [&](int n) {
    return static_cast<int>(rng.below(static_cast<std::uint64_t>(n)));
  };
  Case c;
  c.net.model = "random " + std::to_string(seed);
  c.net.input = below(3) == 0 ? Shape{2, 3, 1} : Shape{1 + below(40)};
  if (c.net.input.size() > 1) c.net.layers.push_back({"flatten", FlattenLayer{}});
  int dropouts = 0;
  if (below(3) == 0) c.net.layers.push_back({"in", DropoutLayer{0.3, dropouts++}});
  if (below(4) == 0) c.net.layers.push_back({"in_norm", BatchNormLayer{}});
  const int depth = below(4);
  for (int i = 0; i < depth; ++i) {
    const std::string n = std::to_string(i);
    c.net.layers.push_back(dense("dense" + n, 1 + below(40), below(4) != 0));
    if (below(3) == 0) c.net.layers.push_back({"norm" + n, BatchNormLayer{}});
    const int pick = below(10);
    if (pick == 9) {
      c.net.layers.push_back({"softmax" + n, SoftmaxLayer{}});
    } else {
      const Activation act = activation_table[static_cast<std::size_t>(pick)].trainable
                                 ? activation_table[static_cast<std::size_t>(pick)].id
                                 : Activation::gelu;
      c.net.layers.push_back({"act" + n, ActivationLayer{act}});
      if (below(4) == 0) c.net.layers.push_back({"act2" + n, ActivationLayer{Activation::gelu}});
    }
    if (below(2) == 0)
      c.net.layers.push_back({"drop" + n, DropoutLayer{0.1 + 0.1 * below(7), dropouts++}});
  }
  finish(c, below);
  return c;
}

/// A random stack of layers on images, with sums and branches inside sums and branches.
class RandomImages {
 public:
  explicit RandomImages(std::uint64_t seed) : rng_({seed, Stream::sampler, 1}) {}

  Case make() {
    Case c;
    c.net.model = "random images";
    c.net.input = {1 + below(9), 1 + below(9), 1 + below(5)};
    Shape shape = c.net.input;
    c.net.layers = stack(shape, 1 + below(3), 2);
    c.net.layers.push_back(below(2) == 0 ? Layer{name("mean"), GlobalAveragePoolLayer{}}
                                         : Layer{name("flatten"), FlattenLayer{}});
    finish(c, [this](int n) { return below(n); });
    return c;
  }

 private:
  int below(int n) { return static_cast<int>(rng_.below(static_cast<std::uint64_t>(n))); }
  std::string name(const char* kind) { return kind + std::to_string(++names_); }

  Layer conv(const Shape& shape, int filters, Window window) {
    Conv2dLayer layer;
    layer.filters = filters;
    layer.window = window;
    layer.bias = below(3) != 0;
    layer.weights = {InitRule::Kind::normal, 0.4};
    if (shape[2] % 2 == 0 && filters % 2 == 0 && below(3) == 0) layer.groups = 2;
    return {name("conv"), layer};
  }
  Layer activation() {
    const Activation some[] = {Activation::relu, Activation::tanh, Activation::gelu,
                               Activation::leaky_relu, Activation::relu};
    return {name("act"), ActivationLayer{some[below(5)]}};
  }
  Window window(const Shape& shape) {
    const int most = std::min({shape[0], shape[1], 5});
    const int size = 1 + below(most);
    Window w = same_window(size, 1 + below(3));
    if (below(2) == 0) w.before = w.after = 0;
    return w;
  }
  /// Keeps height and width.
  std::vector<Layer> body(const Shape& shape, int filters, int depth) {
    std::vector<Layer> layers;
    Shape inside = shape;
    if (below(2) == 0) layers.push_back({name("norm"), BatchNormLayer{}});
    if (below(2) == 0) layers.push_back(activation());
    layers.push_back(conv(inside, filters, same_window(1 + 2 * below(2))));
    inside[2] = filters;
    if (below(2) == 0) layers.push_back({name("norm"), BatchNormLayer{}});
    if (below(3) == 0) layers.push_back(activation());
    if (depth > 0 && below(3) == 0) layers.push_back(residual(inside, depth - 1));
    return layers;
  }
  /// With whatever shortcut fits the body: none, zeros for new channels, or a convolution.
  Layer residual(const Shape& shape, int depth) {
    ResidualLayer layer;
    layer.body = body(shape, below(2) == 0 ? shape[2] : 1 + below(8), depth);
    const int channels = output_shape(layer.body, shape)[2];
    if (channels > shape[2] && below(2) == 0) {
      layer.shortcut = {{name("pad"), PadShortcutLayer{1, channels}}};
    } else if (channels != shape[2] || below(3) == 0) {
      layer.shortcut = {conv(shape, channels, same_window(1))};
      if (below(2) == 0) layer.shortcut.push_back({name("norm"), BatchNormLayer{}});
    }
    return {name("sum"), layer};
  }
  std::vector<Layer> stack(Shape& shape, int length, int depth) {
    std::vector<Layer> layers;
    const auto push = [&](Layer layer) {
      shape = output_shape(layer, shape);
      layers.push_back(std::move(layer));
    };
    for (int i = 0; i < length; ++i) {
      switch (below(7)) {
        case 0:
        case 1:
          push(conv(shape, 1 + below(20), window(shape)));
          break;
        case 2:
          push({name("pool"),
                PoolLayer{below(2) == 0 ? Pooling::max : Pooling::average, window(shape)}});
          break;
        case 3:
          push({name("norm"), BatchNormLayer{}});
          break;
        case 4:
          push({name("drop"), DropoutLayer{0.3, dropouts_++}});
          break;
        case 5:
          push(residual(shape, depth));
          break;
        default: {
          BranchesLayer branches;
          for (int b = 0; b < 1 + below(3); ++b)
            branches.branches.push_back(body(shape, 1 + below(5), depth - 1));
          push({name("join"), branches});
        }
      }
      if (below(2) == 0) push(activation());
    }
    return layers;
  }

  Rng rng_;
  int names_ = 0;
  int dropouts_ = 0;
};

/// Forward, backward and evaluation of a batch against the oracle, in memory full of NaN.
void check_against_oracle(const Case& c, std::uint64_t seed) {
  const int features = static_cast<int>(elements(c.net.input));
  const int outputs = std::get<DenseLayer>(c.net.layers.back().kind).units;
  const Dataset data = noise_data(seed, features, c.classes ? outputs : 0, outputs);
  PlanOptions options;
  options.lanes = 2;
  options.batch = 9 + static_cast<int>(seed % 30);  // batch norm of few examples is ill-conditioned
  options.evaluation_rows = 1 + static_cast<int>(seed % 9);
  options.scratch = cpu::scratch_floats;
  const Plan plan = make_plan(c.net, options);
  const cpu::Arena arena(plan.bytes);
  const float poison = std::numeric_limits<float>::quiet_NaN();
  std::fill_n(reinterpret_cast<float*>(arena.data()), plan.bytes / sizeof(float), poison);
  const int lane = static_cast<int>(seed % 2);

  auto weights = reference::initial_weights(c.net, {seed, Stream::init, 0});
  perturb(weights, seed);
  const auto at = [&](const Region& region, std::size_t tensor) {
    return arena.floats(region, lane) + plan.training[tensor] / sizeof(float);
  };
  for (std::size_t i = 0; i < plan.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan.graph.tensors[i];
    if (tensor.role == Role::value) continue;
    const auto& from = weights.at(tensor.name);
    std::transform(from.begin(), from.end(),
                   at(tensor.role == Role::parameter ? plan.parameter : plan.statistic, i),
                   [](double x) { return static_cast<float>(x); });
  }

  const vernier::Shuffle order(static_cast<std::uint64_t>(data.train.n), {seed, Stream::order, 0},
                               0);
  cpu::TrainBatch batch;
  batch.part = &data.train;
  batch.order = &order;
  batch.first = 11;
  batch.loss = c.loss;
  batch.smoothing = static_cast<float>(c.smoothing);
  batch.dropout_key = {seed, Stream::dropout, 2};
  batch.update = 17;

  reference::Batch expected_batch;
  expected_batch.rows = options.batch;
  expected_batch.loss = c.loss;
  expected_batch.smoothing = c.smoothing;
  expected_batch.dropout_key = batch.dropout_key;
  expected_batch.update = batch.update;
  for (int r = 0; r < options.batch; ++r) {
    const auto e = order(static_cast<std::uint64_t>(11 + r));
    const auto width = static_cast<std::size_t>(features);
    for (std::size_t k = 0; k < width; ++k) expected_batch.x.push_back(data.train.x[e * width + k]);
    if (c.classes) {
      expected_batch.labels.push_back(data.train.labels[e]);
    } else {
      for (std::size_t k = 0; k < static_cast<std::size_t>(outputs); ++k) {
        expected_batch.targets.push_back(
            data.train.targets[e * static_cast<std::size_t>(outputs) + k]);
      }
    }
  }
  const auto expected = reference::run(c.net, weights, expected_batch);
  // The weights in front of a batch norm get gradients in which large terms cancel: rounding is to be measured by the whole gradient too.
  double whole_norm = 0;
  for (const auto& [name, values] : expected.gradients) {
    for (double v : values) whole_norm += v * v;
  }
  whole_norm = std::sqrt(whole_norm);

  const cpu::Runner runner(plan, arena, lane);
  const cpu::LossSum sum = runner.gradients(batch);
  CHECK(sum.loss / options.batch == doctest::Approx(expected.loss).epsilon(1e-5));
  if (c.classes) CHECK(sum.correct == expected.correct);
  for (std::size_t i = 0; i < plan.graph.tensors.size(); ++i) {
    const Tensor& tensor = plan.graph.tensors[i];
    if (tensor.role == Role::value) continue;
    CAPTURE(tensor.name);
    const bool learned = tensor.role == Role::parameter;
    const float* got = at(learned ? plan.gradient : plan.statistic, i);
    const auto& want =
        learned ? expected.gradients.at(tensor.name) : expected.statistics.at(tensor.name);
    const std::span<const float> values(got, elements(tensor.shape));
    double size = 0;
    for (double v : want) size += v * v;
    size = std::sqrt(size);
    const double error = relative_error(values, want) * size;
    if (learned) {
      CHECK(error < 1e-4 * size + 1e-5 * whole_norm);
    } else {
      CHECK(error < 1e-5 * size);
    }
  }

  // Evaluation: running statistics, no dropout, no smoothing, a last batch that is not full.
  auto evaluated = weights;
  for (const auto& [name, values] : expected.statistics) evaluated[name] = values;
  reference::Batch whole;
  whole.rows = data.valid.n;
  whole.x.assign(data.valid.x.begin(), data.valid.x.end());
  whole.labels = data.valid.labels;
  whole.targets.assign(data.valid.targets.begin(), data.valid.targets.end());
  whole.loss = c.loss;
  whole.training = false;
  const auto want = reference::run(c.net, evaluated, whole);
  const cpu::LossSum valid = runner.evaluate(
      data.valid, c.loss, {arena.floats(plan.parameter, lane), arena.floats(plan.statistic, lane)});
  CHECK(valid.loss / data.valid.n == doctest::Approx(want.loss).epsilon(1e-5));
  if (c.classes) CHECK(valid.correct == want.correct);
}
}  // namespace

TEST_CASE(
    "forward and backward equal the double oracle for random networks, whatever was in memory") {
  const cpu::ComputeScope scope;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    CAPTURE(seed);
    check_against_oracle(random_case(seed), seed);
  }
}

TEST_CASE("so they do for random networks on images, with sums and branches") {
  const cpu::ComputeScope scope;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    CAPTURE(seed);
    const Case c = RandomImages(seed).make();
    CAPTURE(to_text(c.net));
    check_against_oracle(c, seed);
  }
}

TEST_CASE("so do random lists of layers, as a study file writes them") {
  const cpu::ComputeScope scope;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    CAPTURE(seed);
    const int size = 3 + static_cast<int>(seed % 10);
    ModelSettings settings;
    settings.type = "layers";
    settings.layers = RandomLayers(seed).make(size);
    CAPTURE(settings.layers.dump());
    Case c;
    c.net = build_model(settings, {size, size, 1 + static_cast<int>(seed % 4)}, 4);
    check_against_oracle(c, 1000 + seed);
  }
}

TEST_CASE("so does every named model, in a narrow form") {
  const cpu::ComputeScope scope;
  std::uint64_t seed = 300;
  for (const ModelInfo& info : models()) {
    if (info.name == "mlp" || info.name == "logistic" || info.name == "layers") continue;
    CAPTURE(info.name);
    ModelSettings settings;
    settings.type = info.name;
    settings.width_factor = info.name.starts_with("wrn-") && info.name != "wrn-16-1" ? 0.02 : 0.06;
    settings.shortcut = seed % 2 == 0 ? "pad" : "conv";
    settings.dropout = 0.3;
    Case c;
    c.net = build_model(settings, seed % 3 == 0 ? Shape{28, 28, 1} : Shape{32, 32, 3}, 5);
    check_against_oracle(c, ++seed);
  }
}
