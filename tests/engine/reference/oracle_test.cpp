#include "engine/reference/oracle.h"

#include <doctest/doctest.h>

#include "tests/engine/engine_support.h"

using namespace vernier;
using namespace vernier::engine;
using namespace vernier::engine::testing;

namespace {

reference::Batch batch_of(const Part& part, Loss loss, double smoothing) {
  reference::Batch batch;
  batch.rows = part.n;
  batch.x.assign(part.x.begin(), part.x.end());
  batch.labels = part.labels;
  batch.targets.assign(part.targets.begin(), part.targets.end());
  batch.loss = loss;
  batch.smoothing = smoothing;
  batch.dropout_key = {5, Stream::dropout, 0};
  batch.update = 3;
  return batch;
}

/// Every parameter's gradient against (f(w + h) - f(w - h)) / 2h.
void check_gradients(const Architecture& net, const reference::Batch& batch) {
  auto weights = reference::initial_weights(net, {9, Stream::init, 0});
  perturb(weights, 4);
  const auto result = reference::run(net, weights, batch);
  REQUIRE(!result.gradients.empty());
  constexpr double h = 1e-6;
  for (const auto& [name, gradient] : result.gradients) {
    std::vector<double> numeric(gradient.size());
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      auto moved = weights;
      moved[name][i] += h;
      const double above = reference::run(net, moved, batch).loss;
      moved[name][i] -= 2 * h;
      numeric[i] = (above - reference::run(net, moved, batch).loss) / (2 * h);
    }
    double norm = 0;
    for (double g : gradient) norm += std::fabs(g);
    INFO(name << " of " << net.model << ", norm " << norm);
    CHECK(norm > 1e-9);
    CHECK(relative_error(gradient, numeric) < 1e-6);
  }
}

}  // namespace

TEST_CASE("the oracle's gradient of every activation is its central difference") {
  Rng rng({1, Stream::data, 0});
  const Part part = random_part(rng, 6, 4, 3, 3);
  for (const ActivationInfo& info : activation_table) {
    if (!info.trainable) continue;
    Architecture net{std::string(info.name), {4}, {}};
    net.layers = {dense("a", 5), {"act", ActivationLayer{info.id}}, dense("b", 3)};
    check_gradients(net, batch_of(part, Loss::cross_entropy, 0.0));
  }
}

TEST_CASE("the oracle's gradient of every layer is its central difference") {
  Rng rng({2, Stream::data, 0});
  const Part part = random_part(rng, 6, 4, 3, 3);
  const std::vector<std::pair<std::string, LayerKind>> kinds{{"softmax", SoftmaxLayer{}},
                                                             {"dropout", DropoutLayer{0.4, 1}},
                                                             {"batch_norm", BatchNormLayer{}},
                                                             {"flatten", FlattenLayer{}},
                                                             {"dense", dense("", 4, false).kind}};
  for (const auto& [name, kind] : kinds) {
    Architecture net{name, {4}, {}};
    // A bias before batch norm has no gradient.
    net.layers = {dense("a", 5, name != "batch_norm"),
                  {name, kind},
                  {"act", ActivationLayer{Activation::tanh}},
                  dense("b", 3, false)};
    auto batch = batch_of(part, Loss::cross_entropy, 0.0);
    check_gradients(net, batch);
    batch.training = false;
    if (name != "batch_norm") check_gradients(net, batch);
  }
}

TEST_CASE("the oracle's gradient of every loss is its central difference") {
  Rng rng({3, Stream::data, 0});
  const Part classes = random_part(rng, 7, 4, 3, 3);
  const Part numbers = random_part(rng, 7, 4, 0, 3);
  Architecture net{"loss", {4}, {}};
  net.layers = {dense("a", 5), {"act", ActivationLayer{Activation::sigmoid}}, dense("b", 3)};
  for (const LossInfo& info : loss_table) {
    net.model = std::string(info.name);
    check_gradients(net, batch_of(classes, info.id, 0.0));
    check_gradients(net, batch_of(classes, info.id, 0.2));
  }
  check_gradients(net, batch_of(numbers, Loss::mse, 0.0));
}

TEST_CASE("cross-entropy of uniform logits is ln n, and its gradient there softmax - onehot") {
  Architecture net{"by hand", {1}, {}};
  net.layers = {dense("a", 4)};
  reference::NamedTensors weights{{"a.weight", {0, 0, 0, 0}}, {"a.bias", {0, 0, 0, 0}}};
  reference::Batch batch;
  batch.rows = 1;
  batch.x = {1};
  batch.labels = {2};
  const auto result = reference::run(net, weights, batch);
  CHECK(result.loss == doctest::Approx(std::log(4.0)));
  CHECK(result.gradients.at("a.bias") == std::vector<double>{0.25, 0.25, -0.75, 0.25});
}
