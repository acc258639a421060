#include "engine/effects.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "core/error.h"
#include "engine/engine.h"
#include "engine/ir/architecture.h"
#include "engine/math/optimizers.h"
#include "engine/math/schedules.h"
#include "engine/models/registry.h"

using namespace vernier;
using namespace vernier::engine;

namespace {

using Names = std::vector<std::string>;

/// What is refused of `given`, with these models, optimizers and schedules; empty: nothing.
std::string refusal(const Names& given, const Names& models, const Names& optimizers = {"adam"},
                    const Names& schedules = {"constant"}) {
  try {
    check_effects(given, [&](const std::string& key) {
      return key == "model.type" ? models : key == "train.optimizer" ? optimizers : schedules;
    });
  } catch (const UsageError& error) {
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a key that nothing in question takes is named with what is taken") {
  CHECK(refusal({"model.type", "model.width"}, {"lenet5"}) ==
        "[model.width] has no effect with model.type lenet5; lenet5 takes activation, init, gain, "
        "bias, "
        "batch_norm, dropout, width_factor");
  CHECK(refusal({"train.momentum"}, {"mlp"}) ==
        "[train.momentum] has no effect with train.optimizer adam; adam takes beta1, beta2, eps");
  CHECK(refusal({"train.momentum"}, {"mlp"}, {"sgd"}).find("sgd takes none of its kind") !=
        std::string::npos);
  CHECK(refusal({"model.layers.c1.filters"}, {"mlp"})
            .starts_with("[model.layers.c1.filters] has no effect"));
  CHECK(refusal({"train.schedule.every"}, {"mlp"}, {"sgd"}, {"cosine"})
            .starts_with("[train.schedule.every] has no effect"));
}

TEST_CASE("one alternative that takes a key is enough, and keys that all take pass") {
  CHECK(refusal({"model.width"}, {"lenet5", "mlp"}).empty());
  CHECK(refusal({"train.momentum"}, {"mlp"}, {"adam", "nesterov"}).empty());
  CHECK(refusal({"model.type", "train.optimizer", "train.lr", "train.weight_decay", "data.set",
                 "train.epochs", "train.schedule", "train.schedule.warmup",
                 "train.early_stop.patience"},
                {"logistic"}, {"sgd"})
            .empty());
  CHECK(refusal({"model.layers.c1.filters", "model.layers"}, {"layers"}).empty());
}

TEST_CASE("every optimizer and schedule says which keys it takes") {
  for (const OptimizerInfo& info : optimizer_table) {
    const std::string name(info.name);
    CAPTURE(name);
    // one that is not in the table would let everything pass
    CHECK((name == "momentum" || name == "nesterov" || name == "momentum_ema" ||
           name == "rmsprop") == refusal({"train.momentum"}, {"mlp"}, {name}).empty());
  }
  for (const ScheduleInfo& info : schedule_table) {
    const std::string name(info.name);
    CHECK((name == "step") == refusal({"train.schedule.every"}, {"mlp"}, {"sgd"}, {name}).empty());
  }
}

TEST_CASE("a key that a model takes changes its network, one that it does not take does not") {
  struct Change {
    const char* key;
    void (*apply)(ModelSettings&);
  };
  const Change changes[] = {
      {"depth", [](ModelSettings& s) { s.depth = 3; }},
      {"width", [](ModelSettings& s) { s.width = 77; }},
      {"widths", [](ModelSettings& s) { s.widths = {9}; }},
      {"activation", [](ModelSettings& s) { s.activation = "tanh"; }},
      {"init", [](ModelSettings& s) { s.init = "lecun_uniform"; }},
      {"gain", [](ModelSettings& s) { s.gain = 3; }},
      {"bias", [](ModelSettings& s) { s.bias = false; }},
      {"batch_norm", [](ModelSettings& s) { s.batch_norm = true; }},
      {"dropout", [](ModelSettings& s) { s.dropout = 0.25; }},
      {"input_dropout", [](ModelSettings& s) { s.input_dropout = 0.25; }},
      {"width_factor", [](ModelSettings& s) { s.width_factor = 0.3; }},
      {"shortcut", [](ModelSettings& s) { s.shortcut = "pad"; }},
  };
  const auto described = [](const ModelSettings& settings) {
    const Architecture net = build_model(settings, {32, 32, 3}, 10);
    std::string text = to_text(net);
    each_layer(net.layers, [&](const Layer& layer) {
      const InitRule* rule = nullptr;
      if (const auto* conv = std::get_if<Conv2dLayer>(&layer.kind)) rule = &conv->weights;
      if (const auto* dense = std::get_if<DenseLayer>(&layer.kind)) rule = &dense->weights;
      if (rule) text += fmt::format(" {} {}", static_cast<int>(rule->kind), rule->scale);
      if (const auto* dropout = std::get_if<DropoutLayer>(&layer.kind))
        text += fmt::format(" {} {}", layer.name, dropout->rate);
    });
    return text;
  };
  for (const ModelInfo& info : models()) {
    if (info.name == "layers") continue;
    for (const Change& change : changes) {
      ModelSettings plain;
      plain.type = info.name;
      ModelSettings changed = plain;
      change.apply(changed);
      CAPTURE(info.name);
      CAPTURE(change.key);
      const std::string refused = refusal({std::string("model.") + change.key}, {info.name});
      // logistic regression has no activation; it only decides the default initialiser
      if (info.name == "logistic" && std::string(change.key) == "activation") continue;
      CHECK((described(changed) != described(plain)) == refused.empty());
    }
  }
}
