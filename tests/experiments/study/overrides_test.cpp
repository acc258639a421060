#include "experiments/study/overrides.h"

#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const char* study = R"(study: s
train: {epochs: 5, schedule: cosine}
strategy: {type: asha, max_steps: 4, eta: 2}
parameters:
  train.lr: {min: 0.001, max: 0.1, log: true}
  model.depth: {min: 1, max: 3}
)";

Spec with(const std::vector<std::string>& set) {
  Overrides overrides;
  overrides.set = set;
  return load(study, overrides);
}
std::string error_of(const std::string& set) {
  return refusal([&] { (void)with({set}); });
}

}  // namespace

TEST_CASE("--set changes what the file says and is part of the stored study") {
  CHECK(with({"train.epochs=7"}).settings(Config(), 1).train.epochs == 7);
  CHECK(with({"train.epochs=7"}).json["train"]["epochs"] == 7);
  CHECK(with({"train.epochs=7"}).hash() != load(study).hash());
  CHECK(with({"train.schedule.warmup=0.5"}).settings(Config(), 1).train.schedule.type == "cosine");
  CHECK(with({"parameters.train.lr.max=0.5"}).parameters[0].high == 0.5);
  CHECK(with({"parameters.model.depth.value=2"}).parameters[1].kind == search::Kind::constant);
  CHECK(with({"parameters.train.lr.value=0.01"}).parameters[0].choices.front() == Value(0.01));
  CHECK(with({"parameters.model.width={min: 4, max: 8}"}).parameters.size() == 3);
  CHECK(with({"sampler.type=random"}).sampler == "random");
  CHECK(with({"trials=3", "trials=4"}).trials == 4);
  CHECK(with({"data={set: xor}"}).settings(Config(), 1).data.set == "xor");
}

TEST_CASE("what is wrong with an option names it") {
  CHECK(contains(error_of("train.epochs"), "--set train.epochs: no '='"));
  CHECK(contains(error_of("=3"), "no '='"));
  CHECK(contains(error_of("train.epchs=3"), "[train.epchs] unknown key; did you mean 'epochs'?"));
  CHECK(contains(error_of("train.epchs=3"), "--set train.epchs"));
  CHECK(contains(error_of("train.epochs=many"), "--set train.epochs: [train.epochs]"));
  CHECK(contains(error_of("train.lr=0.1"),
                 "it is searched; expected --set parameters.train.lr.value"));
  CHECK(contains(error_of("train..lr=1"), "empty name"));
  CHECK(contains(error_of("study.x=1"), "--set study.x: [study] found"));
  CHECK(contains(error_of("trials.x=1"), "--set trials.x: [trials] found"));
  CHECK(contains(error_of("seed=yes"), "--set seed"));
  CHECK(!error_of("parameters=3").empty());
  CHECK(!error_of("parameters.train.lr=3").empty());
  CHECK(!error_of("constraints.0=x").empty());
}

TEST_CASE("the options of run change what they say") {
  Overrides overrides;
  overrides.sampler = "sobol";
  overrides.strategy = "full";
  overrides.study = "other";
  overrides.devices = "cpu";
  overrides.memory = "1GB";
  overrides.time = "10m";
  overrides.trials = 3;
  overrides.jobs = 2;
  overrides.seed = 9;
  overrides.isolate = true;
  const Spec spec = load(study, overrides);
  CHECK(spec.sampler == "sobol");
  CHECK(spec.strategy == "full");
  CHECK(spec.study == "other");
  CHECK(spec.resources.devices == "cpu");
  CHECK(spec.resources.memory == 1000000000u);
  CHECK(spec.limits.wall_time == 600);
  CHECK(spec.trials == 3);
  CHECK(spec.resources.jobs == 2);
  CHECK(spec.seed == 9);
  CHECK(spec.resources.isolate);
}

TEST_CASE("another strategy leaves the options of the first behind, the same one keeps them") {
  Overrides overrides;
  overrides.strategy = "asha";
  CHECK(load(study, overrides).strategy_options["eta"] == 2);
  overrides.strategy = "median";
  const Spec spec = load(study, overrides);
  CHECK(spec.strategy == "median");
  CHECK(!spec.strategy_options.contains("eta"));
  overrides.strategy = "asah";
  CHECK(contains(refusal_of(study, overrides), "--strategy: [strategy"));
  Overrides plain;
  plain.strategy = "asha";
  CHECK(load("train: {epochs: 5}\n", plain).strategy == "asha");
}
