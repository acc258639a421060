#include "experiments/study/best_yaml.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const char* base = R"(data: {set: xor}
train: {epochs: 2, record: [map]}
parameters:
  model.activation: {values: [relu, tanh]}
  train.lr: {min: 0.1, max: 0.2}
  model.depth: {values: [1, 2, 10]}
)";
const char* with_seeds = "  data.split_seed: {values: [1, 2, 3]}\n";
const char* command = R"(objective: {command: [sh, train.sh]}
metric: {name: reward, goal: maximize}
parameters: {arm: {values: [a, b]}, device: {values: [x, y]}, train.seed: {values: [1, 2]}}
)";

Json claims(const std::string& text) { return load(text).json["claim"]; }

std::string refused(const std::string& claim,
                    const std::string& before = std::string(base) + with_seeds) {
  return refusal_of(before + "claim: " + claim + "\n");
}

bool says(const std::string& text, const std::string& part) {
  INFO(text);
  CHECK(contains(text, part));
  return contains(text, part);
}

std::string arms(const std::string& more) {
  return "{arms: model.activation, better: relu, than: tanh, " + more + "}";
}

}  // namespace

TEST_CASE("a claim is read into its normal form, with what is so by default") {
  CHECK(claims(std::string(base) + "claim: {arms: model.activation, better: relu, than: tanh}\n") ==
        Json::array({{{"text", ""},
                      {"arms", "model.activation"},
                      {"better", "relu"},
                      {"than", "tanh"},
                      {"others", "each"}}}));
  CHECK(claims(std::string(base) + with_seeds + R"yaml(claim:
  - {text: relu wins, arms: model.activation, better: relu, than: tanh, metric: val_loss}
  - arms: model.depth
    better: 10
    than: 1
    metric: "log10(train.lr) - last(val_loss)"
    goal: minimize
    pair: model.activation
    others: best
    where: activation = relu and parameters < 1000
    relative_to: {train.lr: 0.10}
    margin: -0.005
    plot: {line: train.lr, by: model.activation, metrics: val_acc, log: true}
  - {arms: sampler, better: gp, than: random, within: 0.01, plot: {curves: [val_loss, train_loss]}}
  - {arms: study, better: one, than: other, pair: seed, others: mean, plot: strip}
  - {arms: device, better: gpu, than: cpu, metric: 1 / seconds, goal: maximize, pair: data.split_seed, plot: {pictures: map}}
  - {arms: data.split_seed, better: 1, than: 2, plot: {heat_map: [train.lr, model.depth]}}
)yaml") == Json::parse(R"json([
  {"text": "relu wins", "arms": "model.activation", "better": "relu", "than": "tanh", "metric": "val_loss", "goal": "minimize",
   "others": "each"},
  {"text": "", "arms": "model.depth", "better": "10", "than": "1", "margin": -0.005, "metric": "log10(train.lr) - last(val_loss)",
   "goal": "minimize", "pair": "model.activation", "others": "best", "where": "activation = relu and parameters < 1000",
   "relative_to": {"train.lr": "0.1"},
   "plot": {"line": "train.lr", "by": "model.activation", "metrics": ["val_acc"], "log": true}},
  {"text": "", "arms": "sampler", "better": "gp", "than": "random", "within": 0.01, "pair": "seed", "others": "best",
   "plot": {"curves": ["val_loss", "train_loss"]}},
  {"text": "", "arms": "study", "better": "one", "than": "other", "pair": "seed", "others": "mean", "plot": "strip"},
  {"text": "", "arms": "device", "better": "gpu", "than": "cpu", "metric": "1 / seconds", "goal": "maximize", "pair": "data.split_seed",
   "others": "each", "plot": {"pictures": "map"}},
  {"text": "", "arms": "data.split_seed", "better": "1", "than": "2", "others": "each",
   "plot": {"heat_map": ["train.lr", "model.depth"]}}
])json"));
  CHECK(claims(std::string(base) +
               "claim: {arms: strategy, better: asha, than: full}\n")[0]["pair"] == "seed");
}

TEST_CASE("a claim decides nothing, and what a database keeps reads back equal") {
  const std::string study = std::string(base) + with_seeds;
  const Spec spec = load(study + "claim: " + arms("metric: val_loss, within: 0.1") + "\n");
  CHECK(spec.hash() == load(study).hash());
  CHECK(spec_from_json(spec.json).json == spec.json);
  // As it was kept before there were lists, goals and expressions.
  Json old = spec.json;
  old["claim"] = {{"text", ""},
                  {"arms", "model.activation"},
                  {"better", "relu"},
                  {"than", "tanh"},
                  {"metric", "my own metric"}};
  const Json read = spec_from_json(old).json["claim"];
  CHECK(read[0]["metric"] == "my own metric");
  CHECK_FALSE(read[0].contains("goal"));
  CHECK(spec_from_json(spec_from_json(old).json).json["claim"] == read);
  CHECK(best_yaml(spec, Config(), 3).find("claim") == std::string::npos);  // it has one arm alone
}

TEST_CASE("what a claim cannot mean is refused with its place and the nearest name") {
  CHECK(says(refused("{arms: model.activation, better: relu}"),
             "study.yaml:8:8: [claim] has no than"));
  CHECK(says(refused("{arms: model.activaton, better: relu, than: tanh}"),
             "did you mean 'model.activation'"));
  CHECK(says(refused("{arms: samplr, better: gp, than: random}"), "did you mean 'sampler'"));
  CHECK(says(refused("{arms: model.activation, better: rleu, than: tanh}"), "did you mean 'relu'"));
  CHECK(says(refused("{arms: model.activation, better: relu, than: relu}"), "another value"));
  CHECK(says(refused("{arms: model.activation, better: relu, than: [tanh]}"), "a value of"));
  CHECK(says(refused("{arms: sampler, better: gq, than: random}"), "did you mean 'gp'"));
  CHECK(says(refused("{arms: strategy, better: asha, than: ful}"), "did you mean 'full'"));
  CHECK(says(refused("{arms: device, better: gpu, than: tpu}"), "[claim.than] unknown name 'tpu'"));
  CHECK(says(refused("[1]"), "[claim.0]"));
  CHECK(says(refused("[]"), "an empty list"));
  CHECK(says(refused("relu"), "expected a section"));
  CHECK(says(refused("[" + arms("text: a") + ", " + arms("wheer: a") + "]"),
             "[claim.1.wheer] unknown key; did you mean 'where'"));
  CHECK(says(refused(arms("text: [a]")), "[claim.text]"));
  CHECK(says(refused(arms("margin: a")), "[claim.margin] found \"a\"; expected a number"));
  CHECK(says(refused(arms("margin: .inf")), "[claim.margin]"));
  CHECK(says(refused(arms("within: -0.1")), "a number > 0"));
  CHECK(says(refused(arms("within: 0.1, margin: 0.1")), "[claim.within] stands beside margin"));
  CHECK(says(refused(arms("goal: larger")), "[claim.goal] unknown name 'larger'"));
  CHECK(says(refused(arms("others: worst")), "[claim.others] unknown name 'worst'"));
  CHECK(says(refused(arms("others: best"), base), "expected pair: PARAMETER"));
  CHECK(says(refused(arms("pair: data.split_sede")), "did you mean 'data.split_seed'"));
  CHECK(says(refused(arms("pair: seed")), "[claim.pair] 'seed' is no parameter"));
  CHECK(says(refused(arms("pair: model.activation")), "is the same as arms"));
}

TEST_CASE("expressions of a claim are checked when the study is read") {
  CHECK(says(refused(arms("metric: val_acc - train_ac, goal: maximize")),
             "did you mean 'train_acc'"));
  CHECK(says(refused(arms("metric: \"val_acc -\", goal: maximize")), "[claim.metric]"));
  CHECK(says(refused(arms("metric: lg10(val_acc), goal: maximize")), "unknown function 'lg10'"));
  CHECK(says(refused(arms("metric: last(train.lr), goal: maximize")), "last(train.lr)"));
  CHECK(says(refused(arms("metric: val_acc - train_acc")), "no goal for 'val_acc - train_acc'"));
  CHECK(says(refused(arms("metric: grad_norm.dense1")), "no goal for 'grad_norm.dense1'"));
  CHECK(refused(arms("metric: val_acc.3")).empty());
  CHECK(refused(arms("metric: last(grad_norm.d1) / grad_norm.d1, goal: maximize")).empty());
  CHECK(refused(arms("metric: log10(last(examples_per_second)), goal: maximize")).empty());
  // What recordings call their own is known beside one; without one there is nothing of such a name.
  CHECK(says(refused(arms("metric: last(share), goal: maximize")), "unknown name 'last(share)'"));
  std::string recorded = std::string(base) + with_seeds;
  CHECK(says(refused(arms("metric: last(dead), goal: maximize")), "unknown name 'last(dead)'"));
  recorded.replace(recorded.find("[map]"), 5, "[units]");
  CHECK(refused(arms("metric: last(dead), goal: maximize"), recorded).empty());
  CHECK(refused(arms("metric: last(dead.dense1), goal: maximize"), recorded).empty());
  CHECK(says(refused(arms("metric: last(share), goal: maximize"), recorded), "last(share)"));
  CHECK(says(refused(arms("metric: \"last(dead\", goal: maximize"), recorded), "[claim.metric]"));
  CHECK(refused(arms("metric: val_acc - train_acc, within: 0.1")).empty());
  CHECK(refused(arms("metric: grad_norm.dense1 / grad_norm.dense5, goal: maximize")).empty());
  CHECK(refused(arms("metric: \"`grad_norm.dense-1` * 2\", goal: maximize")).empty());
  CHECK(says(refused(arms("where: depht = 10")), "did you mean"));
  CHECK(says(refused(arms("where: val_acc > 0.5")), "unknown name 'val_acc'"));
  CHECK(says(refused(arms("where: depth >")), "[claim.where]"));
  CHECK(refused(arms("where: depth = 10 and epochs = 2")).empty());
  CHECK(says(refused(arms("relative_to: {model.depht: 1}")), "did you mean 'model.depth'"));
  CHECK(says(refused(arms("relative_to: {model.depth: 3}")), "'3' is no value of model.depth"));
  CHECK(says(refused(arms("relative_to: {model.activation: relu}")), "sets the arms apart"));
  CHECK(says(refused(arms("pair: data.split_seed, relative_to: {data.split_seed: 1}")),
             "pairs the arms"));
  CHECK(says(refused(arms("relative_to: {}")), "a parameter and its value"));
  CHECK(says(refused(arms("relative_to: 1")), "expected a section"));
  // Other studies may vary what this one does not.
  CHECK(refused("{arms: sampler, better: gp, than: grid, where: train.momentum > 0}").empty());
  CHECK(says(refused("{arms: sampler, better: gp, than: grid, where: train.momentm > 0}"),
             "train.momentum"));
}

TEST_CASE("a claim's plot is one of those there are") {
  const auto plot = [](const std::string& text) { return refused(arms("plot: " + text)); };
  CHECK(says(plot("strp"), "did you mean 'strip'"));
  CHECK(
      says(plot("{}"), "names no plot; expected strip or one of line, curves, heat_map, pictures"));
  CHECK(says(plot("{line: train.lr, curves: [val_loss]}"), "names line and curves"));
  CHECK(says(plot("{line: train.rl}"), "'train.rl' is no parameter of this study"));
  CHECK(says(plot("{line: train.lr, by: train.lr}"), "is the same as line"));
  CHECK(says(plot("{line: train.lr, metrics: []}"), "an empty list"));
  CHECK(says(plot("{line: train.lr, metrics: [val_ac]}"), "did you mean 'val_acc'"));
  CHECK(says(plot("{line: train.lr, logs: true}"), "did you mean 'log'"));
  CHECK(says(plot("{curves: [val_los]}"), "did you mean 'val_loss'"));
  CHECK(says(plot("{heat_map: [train.lr]}"), "two parameters"));
  CHECK(says(plot("{heat_map: [train.lr, train.lr]}"), "is there twice"));
  CHECK(says(plot("{pictures: mpa}"), "did you mean 'map'"));
  CHECK(says(plot("{pictures: map, log: true}"), "unknown key"));
  CHECK(plot("{pictures: map}").empty());
  CHECK(says(plot("{pictures: fit}"),
             "'fit' is not recorded; expected it among train.record, "
             "which names map"));
  std::string sparse = std::string(base) + with_seeds;
  sparse.replace(sparse.find("[map]"), 5, "{kinds: [filters, fit], every: 3}");
  CHECK(refused(arms("plot: {pictures: fit}"), sparse).empty());
  CHECK(says(refused(arms("plot: {pictures: map}"), sparse), "which names filters, fit"));
}

TEST_CASE("a program reports what it likes, so its metrics are not known before") {
  const auto program = [](const std::string& claim) { return refused(claim, command); };
  CHECK(program("{arms: arm, better: a, than: b, metric: speed / size, goal: maximize}").empty());
  CHECK(program("{arms: arm, better: a, than: b, plot: {curves: [speed]}}").empty());
  CHECK(says(program("{arms: arm, better: a, than: b, metric: speed}"), "no goal for 'speed'"));
  CHECK(says(program("{arms: arm, better: a, than: b, where: amr = a}"), "unknown name 'amr'"));
  CHECK(says(program("{arms: arm, better: a, than: b, metric: spead(, goal: maximize}"), "claim"));
  // A parameter called like an arm over studies is the parameter.
  CHECK(says(program("{arms: device, better: gpu, than: x}"), "'gpu' is no value of device"));
  const Json device =
      claims(std::string(command) + "claim: {arms: device, better: x, than: y}\n")[0];
  CHECK(device["others"] == "each");
  CHECK(device["pair"] == "train.seed");
  const Json sampler =
      claims(std::string(command) + "claim: {arms: sampler, better: gp, than: grid}\n")[0];
  CHECK(sampler["pair"] == "train.seed");
  CHECK(
      claims(std::string(command) + "claim: {arms: train.seed, better: 1, than: 2}\n")[0].contains(
          "pair") == false);
}
