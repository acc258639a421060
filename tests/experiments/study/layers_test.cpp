// Lists of layers in a study file, and keys that have no effect.
#include "experiments/study/best_yaml.h"
#include "experiments/study/spec.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const std::string study = R"(study: s
data: {set: digits, n: 300}
model:
  type: layers
  layers:
    - conv: {name: c1, filters: 32, kernel: 3, padding: same}
    - relu
    - max_pool: 2
    - repeat:
        name: blocks
        times: 2
        layers:
          - residual: [{conv: {filters: 32, kernel: 3, padding: same}}, relu]
    - flatten
    - dense: 12
    - dense: classes
parameters:
  model.layers.c1.filters: {min: 4, max: 32}
  model.layers.blocks.times: {min: 0, max: 3}
  model.layers.5.units: {values: [8, 16]}
enqueue: [{model.layers.c1.filters: 8}]
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}
std::string error_of(const std::string& text, const Overrides& overrides = {}) {
  return refusal([&] { (void)load(text, overrides); });
}
std::string error_of(const std::string& text, const std::string& set) {
  Overrides overrides;
  overrides.set = {set};
  return error_of(text, overrides);
}
std::string layers_of(const Spec& spec, const Config& config) {
  return spec.settings(config, 1).model.layers.dump();
}

}  // namespace

TEST_CASE("anything in a layer is a parameter, by its name or its index") {
  const Spec spec = load(study);
  REQUIRE(spec.parameters.size() == 3);
  Config config;
  config.set("model.layers.c1.filters", std::int64_t{8});
  config.set("model.layers.blocks.times", std::int64_t{0});
  config.set("model.layers.5.units", std::int64_t{16});
  const std::string layers = layers_of(spec, config);
  CHECK(contains(layers, R"({"name":"c1","filters":8,"kernel":3)"));
  CHECK(contains(layers, R"("times":0)"));
  CHECK(contains(layers, R"({"dense":{"units":16}})"));
  CHECK(contains(layers_of(spec, Config()), R"("filters":32)"));
  // what enqueue leaves out is what the list says
  REQUIRE(spec.enqueue.size() == 1);
  CHECK(*spec.enqueue[0].find("model.layers.blocks.times") == Value(std::int64_t{2}));
  CHECK(*spec.enqueue[0].find("model.layers.c1.filters") == Value(std::int64_t{8}));
  const Spec winner = load(best_yaml(spec, config, 3));
  CHECK(layers_of(winner, Config()) == layers);
  const Spec stored = spec_from_json(spec.json);
  CHECK(stored.hash() == spec.hash());
  CHECK(layers_of(stored, config) == layers);
}

TEST_CASE("--set reaches into a list of layers") {
  Overrides overrides;
  overrides.set = {"model.layers.residual1.shortcut=conv", "model.layers.relu1.type=tanh",
                   "parameters.model.layers.c1.filters.max=64"};
  const Spec spec = load(study, overrides);
  const std::string layers = layers_of(spec, Config());
  CHECK(contains(layers, R"("shortcut":"conv")"));
  CHECK(contains(layers, R"({"activation":{"name":"relu1","type":"tanh"}})"));
  CHECK(spec.parameters[0].high == 64);
  CHECK(contains(error_of(study, "model.layers.relu1.type=thanh"),
                 "--set model.layers.relu1.type: [model.layers.1.activation.type] unknown name "
                 "'thanh'; did you mean 'tanh'?"));
  CHECK(contains(error_of(study, "model.layers.c2.filters=3"),
                 "--set model.layers.c2.filters: [model.layers.c2.filters] unknown setting of a "
                 "layer; did you mean 'c1.filters'?"));
}

TEST_CASE("what is wrong in a list is named with its line") {
  CHECK(error_of(with(study, "padding: same}\n    - relu", "padding: sane}\n    - relu")) ==
        "study.yaml:6:57: [model.layers.0.conv.padding] found \"sane\"; expected same, valid or a "
        "whole number");
  CHECK(error_of(with(study, "- relu\n", "- rleu\n")) ==
        "study.yaml:7:7: [model.layers.1] unknown layer 'rleu'; did you mean 'relu'?");
  CHECK(contains(
      error_of(with(study, "[{conv: {filters: 32, kernel", "[{conv: {filters: 32, kernal")),
      "study.yaml:13:45: [model.layers.3.repeat.layers.0.residual.0.conv.kernal] unknown key; "
      "did you mean 'kernel'?"));
  CHECK(contains(error_of(with(study, "model.layers.c1.filters: {min: 4, max: 32}",
                               "model.layers.c1.filter: {min: 4, max: 32}")),
                 "study.yaml:18:3: [model.layers.c1.filter] unknown parameter; did you mean "
                 "'model.layers.c1.filters'?"));
  CHECK(contains(error_of(with(study, "{min: 4, max: 32}", "{min: 0, max: 32}")),
                 "[model.layers.0.conv.filters] found 0"));
  CHECK(contains(error_of("model: {type: layers, layers: 3}\n"),
                 "study.yaml:1:31: [model.layers] found 3"));
  CHECK(contains(error_of("model: {layers: [flatten]}\n"),
                 "[model.layers] has no effect with model.type mlp"));
}

TEST_CASE("keys without effect are refused, with their line and what is taken") {
  CHECK(error_of("train: {optimizer: adam, momentum: 0.9}\n") ==
        "study.yaml:1:36: [train.momentum] has no effect with train.optimizer adam; adam takes "
        "beta1, beta2, eps");
  CHECK(contains(error_of("model: {type: lenet5, width: 64}\n"),
                 "study.yaml:1:30: [model.width] has no effect"));
  CHECK(contains(error_of("train: {schedule: {type: cosine, gamma: 0.5}}\n"),
                 "[train.schedule.gamma] has no effect"));
  CHECK(contains(error_of("model: {type: lenet5}\nparameters: {model.width: {min: 4, max: 8}}\n"),
                 "study.yaml:2:14: [model.width] has no effect"));
  Overrides overrides;
  overrides.set = {"train.momentum=0.5"};
  CHECK(contains(error_of("study: s\n", overrides),
                 "--set train.momentum: [train.momentum] has no effect"));
}

TEST_CASE("a key that some choice of the search uses has an effect") {
  const char* text = R"(study: s
train: {momentum: 0.8, optimizer: nesterov}
parameters:
  model.type: {values: [mlp, lenet5]}
  model.width: {min: 4, max: 8}
  train.optimizer: {values: [adam, momentum]}
  train.beta1: {min: 0.5, max: 0.9, when: train.optimizer == "adam"}
)";
  const Spec spec = load(text);
  // a trial that does not use them trains, and the winner's file leaves them out
  Config config;
  config.set("model.type", std::string("lenet5"));
  config.set("model.width", std::int64_t{5});
  config.set("train.optimizer", std::string("adam"));
  CHECK(spec.settings(config, 1).model.type == "lenet5");
  const std::string winner = best_yaml(spec, config, 1);
  CHECK(!contains(winner, "width"));
  CHECK(!contains(winner, "momentum"));
  CHECK(load(winner).settings(Config(), 1).model.type == "lenet5");
  // a database's studies were accepted once
  Json old = spec.json;
  old["parameters"] = Json::object();
  old["train"]["optimizer"] = "adam";
  CHECK(spec_from_json(old).json["train"]["momentum"] == 0.8);
}
