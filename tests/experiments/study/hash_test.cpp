// What decides results and what does not.
#include "experiments/study/spec.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const std::string base = R"(study: s
note: n
data: {set: xor, n: 200}
model: {depth: 2}
train: {epochs: 5, lr: 0.01}
metric: {name: val_acc, goal: maximize}
require: ["parameters <= 100000"]
sampler: random
strategy: full
seed: 1
trials: 10
keep: 3
parameters:
  model.width: {min: 4, max: 64}
  train.batch_size: {values: [16, 32]}
constraints: ["model.width <= 60"]
resources: {jobs: 1}
limits: {wall_time: 1h}
)";

std::string with(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("the hash changes with everything that decides results") {
  const std::string hash = load(base).hash();
  CHECK(hash == load(base).hash());
  const std::pair<const char*, const char*> changes[] = {
      {"n: 200", "n: 201"},
      {"depth: 2", "depth: 3"},
      {"epochs: 5", "epochs: 6"},
      {"val_acc, goal: maximize", "val_loss, goal: minimize"},
      {"goal: maximize}", "goal: maximize, reduce: last}"},
      {"<= 100000", "<= 100001"},
      {"sampler: random", "sampler: sobol"},
      {"strategy: full", "strategy: asha"},
      {"seed: 1", "seed: 2"},
      {"max: 64", "max: 63"},
      {"[16, 32]", "[16, 64]"},
      {"width <= 60", "width <= 59"},
  };
  for (const auto& [from, to] : changes)
    CHECK_MESSAGE(load(with(base, from, to)).hash() != hash, to);
  // the order of parameters decides a Sobol search
  const std::string swapped = with(with(base, "  model.width: {min: 4, max: 64}\n", ""),
                                   "  train.batch_size: {values: [16, 32]}\n",
                                   "  train.batch_size: {values: [16, 32]}\n"
                                   "  model.width: {min: 4, max: 64}\n");
  CHECK(load(swapped).hash() != hash);
  CHECK(differences(load(base).deciding(), load(swapped).deciding()) ==
        std::vector<std::string>{"parameters in another order"});
}

TEST_CASE("it does not change with how long, where, and under what note") {
  const std::string hash = load(base).hash();
  const std::pair<const char*, const char*> changes[] = {
      {"study: s", "study: t"},
      {"note: n", "note: other"},
      {"trials: 10", "trials: 20"},
      {"keep: 3", "keep: 0"},
      {"jobs: 1", "jobs: 4"},
      {"wall_time: 1h", "target: 0.9"},
      {"{epochs: 5, lr: 0.01}", "{lr: 1.0e-2, epochs: 5}"},
      {"sampler: random", "sampler: {type: random}"},
      {"seed: 1", "seed: 1  # a comment"},
      {"constraints: [\"model.width <= 60\"]", "constraints: 'model.width <= 60'"},
  };
  for (const auto& [from, to] : changes)
    CHECK_MESSAGE(load(with(base, from, to)).hash() == hash, to);
  const std::string program =
      "objective: {command: [python3, a.py]}\nmetric: {name: m, goal: maximize}\n";
  CHECK(load(program).hash() == load(program).hash());  // in two folders
}

TEST_CASE("differences name the leaves with both values") {
  const Spec before = load(base);
  const Spec after = load(
      with(with(with(base, "epochs: 5", "epochs: 20"), "max: 64", "max: 128"), ", lr: 0.01", ""));
  const auto list = differences(before.deciding(), after.deciding());
  CHECK(list == std::vector<std::string>{"train.epochs 5 -> 20", "train.lr 0.01 -> nothing",
                                         "parameters.model.width.max 64 -> 128"});
  CHECK(differences(before.deciding(), before.deciding()).empty());
}
