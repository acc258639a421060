#include "experiments/study/spec.h"

#include <climits>
#include <sstream>

#include "experiments/study/best_yaml.h"
#include "tests/experiments/support.h"

using namespace vernier;
using namespace vernier::experiments;
using namespace vernier::experiments::testing;

namespace {

const char* every_key = R"(version: 1
study: all-keys
note: a note
data: {set: xor, n: 200}
model: {type: mlp, activation: tanh}
train: {epochs: 9, optimizer: adam, schedule: cosine}
metric: {name: val_loss, goal: minimize, reduce: mean_last_3}
require: ["parameters <= 100000"]
sampler: {type: gp, initial: 6}
strategy: {type: asha, min_steps: 1, eta: 3}
seed: 42
trials: 12
keep: 2
parameters:
  model.depth: {min: 1, max: 3}
  model.width: {min: 4, max: 64, log: true}
  train.lr: {min: 1e-4, max: 0.1, log: true}
  model.dropout: {min: 0.0, max: 0.5, step: 0.1, when: model.depth >= 2}
constraints: ["model.width * model.depth <= 128"]
enqueue: [{model.depth: 1, train.lr: 0.001}]
resources: {devices: cpu, jobs: 2, memory: 8GB, isolate: false}
limits: {wall_time: 2h, device_time: 10m, trial_time: 90, target: 0.01, retries: 1}
)";

const char* command_study =
    R"(objective: {command: [python3, train.py, 3], resumable: false, timeout: 10m}
metric: {name: score, goal: maximize}
parameters:
  lr: {min: 0.1, max: 1.0}
)";

}  // namespace

TEST_CASE("every key of a study arrives in its place") {
  const Spec spec = load(every_key);
  CHECK(spec.study == "all-keys");
  CHECK(spec.note == "a note");
  CHECK(spec.metrics.front().name == "val_loss");
  CHECK(!spec.metrics.front().maximize);
  CHECK(spec.metrics.front().reduce == "mean_last_3");
  CHECK(spec.metric_given);
  CHECK(spec.require == std::vector<std::string>{"parameters <= 100000"});
  CHECK(spec.sampler == "gp");
  CHECK(spec.sampler_options["initial"] == 6);
  CHECK(spec.strategy == "asha");
  CHECK(spec.strategy_options["eta"] == 3);
  CHECK(spec.seed == 42);
  CHECK(spec.trials == 12);
  CHECK(spec.keep == 2);
  REQUIRE(spec.parameters.size() == 4);
  CHECK(spec.parameters[1].scale == search::Scale::log);
  CHECK(spec.constraints.size() == 1);
  REQUIRE(spec.enqueue.size() == 1);
  CHECK(as_number(*spec.enqueue[0].find("model.depth")) == 1);
  CHECK(spec.enqueue[0].find("model.width") != nullptr);    // filled in
  CHECK(spec.enqueue[0].find("model.dropout") == nullptr);  // inactive
  CHECK(spec.resources.devices == "cpu");
  CHECK(spec.resources.jobs == 2);
  CHECK(spec.resources.memory == 8000000000u);
  CHECK(spec.limits.wall_time == 7200);
  CHECK(spec.limits.device_time == 600);
  CHECK(spec.limits.trial_time == 90);
  CHECK(spec.limits.target == 0.01);
  CHECK(spec.limits.retries == 1);
  CHECK(spec.max_steps() == 9);
  CHECK(spec.text == every_key);
}

TEST_CASE("what is left out has the documented defaults") {
  const Spec spec = load("parameters: {train.lr: {min: 0.001, max: 0.1}}\n");
  CHECK(spec.study == "study");  // the file's name
  CHECK(spec.sampler == "gp");
  CHECK(spec.strategy == "full");
  CHECK(spec.trials == 50);
  CHECK(spec.seed == 0);
  CHECK(spec.keep == 5);
  CHECK(spec.metrics.front().name == "val_acc");
  CHECK(spec.metrics.front().maximize);
  CHECK(spec.metrics.front().reduce == "best");
  CHECK(spec.limits.retries == 3);
  CHECK(!spec.limits.wall_time);
  const auto settings = spec.settings(Config({{"train.lr", 0.01}}), 1);
  CHECK(settings.data.set == "digits");
  CHECK(settings.model.depth == 2);
  CHECK(settings.model.width == 128);
  CHECK(settings.train.epochs == 10);
  CHECK(settings.train.batch_size == 128);
  CHECK(settings.train.optimizer == "adam");
  CHECK(settings.train.lr == 0.01);
  CHECK(load("train: {epochs: 3}\n").parameters.empty());
}

TEST_CASE("an external program is a study with parameters of any name") {
  const Spec spec = load(command_study);
  REQUIRE(spec.command.has_value());
  CHECK(spec.command->argv == std::vector<std::string>{"python3", "train.py", "3"});
  CHECK(!spec.command->resumable);
  CHECK(spec.command->timeout == 600);
  CHECK(std::filesystem::path(spec.command->dir).is_absolute());
  CHECK(spec.max_steps() == INT_MAX);
  CHECK(spec.trial_seed(Config(), 1) != spec.trial_seed(Config(), 2));
  CHECK(contains(refusal_of("objective: {command: [a]}\n"), "without metric"));
  CHECK(contains(refusal_of("objective: {command: []}\n"), "expected a program"));
  CHECK(
      contains(refusal_of("objective: {command: a.py}\n"), "study.yaml:1:22: [objective.command]"));
  CHECK(contains(refusal_of("objective: {command: [a]}\nmetric: x\n"), "no goal for 'x'"));
  CHECK(contains(refusal_of("objective: {command: [a]}\nmetric: loss\nmodel: {depth: 2}\n"),
                 "study.yaml:3:8: [model] stands beside objective"));
  CHECK(contains(refusal_of("objective: {command: [a]}\nmetric: loss\nstrategy: asha\n"),
                 "expected max_steps"));
  CHECK(load("objective: {command: [a]}\nmetric: loss\nstrategy: {type: asha, max_steps: 9}\n")
            .max_steps() == 9);
}

TEST_CASE("whatever is wrong is refused with file, line, column and the nearest name") {
  const std::pair<const char*, const char*> cases[] = {
      {"study: a\ntrails: 3\n", "study.yaml:2:1: [trails] unknown key; did you mean 'trials'?"},
      {"trials: 0\n", "study.yaml:1:9: [trials] found 0; expected a whole number from 1"},
      {"trials: 2.5\n", "study.yaml:1:9: [trials] found 2.5"},
      {"trials: many\n", "study.yaml:1:9: [trials] found \"many\""},
      {"seed: -1\n", "study.yaml:1:7: [seed] found -1; expected a whole number >= 0"},
      {"version: 2\n", "study.yaml:1:10: [version] found 2"},
      {"study: a b\n", "study.yaml:1:8: [study] found name 'a b'"},
      {"study: ../x\n", "[study] found name"},
      {"study: 3\n", "study.yaml:1:8: [study] found 3; expected text"},
      {"note: [1]\n", "study.yaml:1:7: [note]"},
      {"model: {dpeth: 3}\n", "study.yaml:1:9: [model.dpeth] unknown key; did you mean 'depth'?"},
      {"model: 3\n", "study.yaml:1:8: [model] found 3; expected a section"},
      {"model: {type: cnnn}\n", "study.yaml:1:15: [model.type]"},
      {"train: {lr: high}\n", "study.yaml:1:13: [train.lr]"},
      {"train: {epochs: -3}\n", "study.yaml:1:17: [train.epochs]"},
      {"sampler: gpp\n", "study.yaml:1:10: [sampler] unknown name 'gpp'; did you mean 'gp'?"},
      {"sampler: {initial: 5}\n", "[sampler] has no type"},
      {"strategy: ash\n", "did you mean 'asha'?"},
      {"strategy: {type: asha, max_steps: 0}\n", "study.yaml:1:35: [strategy.max_steps]"},
      {"metric: {name: val_acc, goal: up}\n", "study.yaml:1:31: [metric.goal] unknown name 'up'"},
      {"metric: {name: val_acc, reduce: mean}\n", "expected best, last or mean_last_N"},
      {"metric: {name: val_acc, reduce: mean_last_0}\n", "expected best, last or mean_last_N"},
      {"metric: {goal: maximize}\n", "has no name"},
      {"metric: []\n", "empty list"},
      {"metric: [val_acc, val_acc]\n", "is there twice"},
      {"require: [\"params <= 3\"]\n", "study.yaml:1:11: [require.0]"},
      {"require: [\"1 < 2\"]\n", "expected a limit on parameters"},
      {"repeats: {seeds: 0}\n", "study.yaml:1:18: [repeats.seeds]"},
      {"repeats: {only: best 3}\n", "expected top N"},
      {"repeats: {only: top 0}\n", "expected top N"},
      {"limits: {regret: -1}\n", "study.yaml:1:18: [limits.regret]"},
      {"metric: [val_acc, val_loss]\nsampler: nsga2\nlimits: {regret: 1}\n",
       "of several objectives"},
      {"sampler: random\nwarm_start: [a]\n", "beside sampler random; expected gp"},
      {"warm_start: [a, a]\n", "is there twice"},
      {"constraints: [\"a <= 3\"]\n", "study.yaml:1:15: [constraints.0]"},
      {"resources: {job: 3}\n", "did you mean 'jobs'?"},
      {"resources: {jobs: 0}\n", "study.yaml:1:19: [resources.jobs]"},
      {"resources: {devices: tpu}\n", "expected auto, cpu, gpu, gpu:0,1 or gpu:0,cpu"},
      {"resources: {devices: \"gpu:a\"}\n", "expected auto, cpu, gpu, gpu:0,1 or gpu:0,cpu"},
      {"resources: {memory: lots}\n", "expected bytes"},
      {"limits: {wall_time: soon}\n", "expected a duration"},
      {"limits: {wall_time: 0}\n", "above 0"},
      {"limits: {target: high}\n", "study.yaml:1:18: [limits.target]"},
      {"parameters: {model.depth: {min: 1, max: 3}}\nenqueue: [{model.depth: 9}]\n",
       "study.yaml:2:25: [enqueue.0.model.depth]"},
      {"parameters: {model.depth: {min: 1, max: 3}}\nenqueue: [{model.dept: 2}]\n",
       "did you mean 'model.depth'?"},
      {"parameters: {model.depth: {min: 1, max: 3}}\nconstraints: [model.depth > 5]\n",
       "study.yaml:2:"},
      {"parameters: {model.depth: {min: 0, max: 300000}}\n", "study.yaml:1:27: [model.depth]"},
      {"parameters: {model.activation: {values: [relu, relo]}}\n", "[model.activation]"},
      {"parameters: {train.lrr: {min: 0.1, max: 0.2}}\n", "did you mean 'train.lr'?"},
      {"parameters: [1]\n", "study.yaml:1:13: [parameters]"},
      {"", "study.yaml:1:1: no keys"},
      {"- 1\n", "study.yaml:1:1: no keys"},
  };
  for (const auto& [text, expected] : cases) {
    const std::string found = refusal_of(text);
    CHECK_MESSAGE(contains(found, expected), "\n", text, found);
    CHECK_MESSAGE(contains(found, "study.yaml:"), found);
  }
  CHECK(contains(refusal([] { (void)load_spec("/no/such/study.yaml"); }), "study.yaml"));
}

TEST_CASE("settings of a configuration are the sections with its dotted names put in") {
  const Spec spec = load(every_key);
  Config config;
  config.set("model.depth", std::int64_t{3});
  config.set("train.lr", 0.05);
  const auto settings = spec.settings(config, 4);
  CHECK(settings.model.depth == 3);
  CHECK(settings.train.lr == 0.05);
  CHECK(settings.model.activation == "tanh");
  CHECK(settings.data.set == "xor");
  CHECK(settings.train.schedule.type == "cosine");
  CHECK(settings.metric == "val_loss");
  CHECK(!settings.maximize);
  CHECK(settings.seed == 42);
  // a name below a section that was given in short
  config.set("train.schedule.warmup", 0.5);
  CHECK(spec.settings(config, 4).train.schedule.type == "cosine");
  CHECK(spec.settings(config, 4).train.schedule.warmup == 0.5);
  const Spec own = load("train: {seed: per_trial}\nseed: 42\n");
  CHECK(own.settings(Config(), 1).seed != own.settings(Config(), 2).seed);
  CHECK(own.settings(Config(), 1).seed == own.trial_seed(Config(), 1));
}

TEST_CASE("a seed of the training's own is a number, also one of a parameter") {
  CHECK(load("train: {seed: 7}\nseed: 42\n").settings(Config(), 3).seed == 7);
  const Spec spec =
      load("seed: 42\nsampler: grid\nparameters: {train.seed: {values: [1, 2, 3]}}\n");
  Config config;
  config.set("train.seed", std::int64_t{3});
  CHECK(spec.settings(config, 1).seed == 3);
  CHECK(spec.trial_seed(config, 1) == 3);
  CHECK(contains(refusal([] { (void)load("parameters: {train.seed: {values: [1, -2]}}\n"); }),
                 "[train.seed] found -2"));
}

TEST_CASE("a full training is the longest that the space has") {
  CHECK(load("train: {epochs: 7, measures_per_epoch: 2}\n").max_steps() == 14);
  CHECK(load("parameters: {train.epochs: {min: 2, max: 9}}\n").max_steps() == 9);
  CHECK(load("parameters: {train.epochs: {values: [20, 5, 11]}}\n").max_steps() == 20);
  CHECK(load("train: {epochs: 7}\nstrategy: {type: asha, max_steps: 5}\n").max_steps() == 5);
}

TEST_CASE("the stored form is read back to the same study") {
  for (const std::string& text :
       {std::string(every_key), std::string(command_study), study_template("mlp"),
        study_template("cnn"), study_template("command"), std::string("train: {epochs: 2}\n"),
        std::string("metric: [val_acc, val_loss]\n")}) {
    const Spec spec = load(text);
    const Spec again = spec_from_json(spec.json);
    CHECK(again.json.dump() == spec.json.dump());
    CHECK(again.hash() == spec.hash());
    CHECK(again.study == spec.study);
    CHECK(again.trials == spec.trials);
    CHECK(again.seed == spec.seed);
    CHECK(again.enqueue == spec.enqueue);
    CHECK(again.limits.wall_time == spec.limits.wall_time);
    CHECK(again.resources.memory == spec.resources.memory);
    CHECK(again.metrics.size() == spec.metrics.size());
    CHECK(again.command.has_value() == spec.command.has_value());
    CHECK(spec_from_json(Json::parse(spec.json.dump())).hash() == spec.hash());
  }
  CHECK_THROWS_AS(spec_from_json(Json{{"unknown", 1}}), UsageError);
  CHECK_THROWS_AS(spec_from_json(Json::array()), UsageError);
}

TEST_CASE("templates are studies, and unknown kinds are refused") {
  CHECK(load(study_template("mlp")).parameters.size() == 4);
  CHECK(load(study_template("cnn")).parameters.size() == 5);
  CHECK(load(study_template("command")).command.has_value());
  CHECK(contains(refusal([] { (void)study_template("mpl"); }), "did you mean 'mlp'?"));
  // What they offer as a comment is a key that works.
  int offered = 0;
  for (const char* kind : {"mlp", "cnn", "command"}) {
    std::istringstream lines(study_template(kind));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t hash = line.find("# "), colon = line.find(": ", hash);
      const bool offers =
          hash != std::string::npos && line.find_first_not_of(' ') == hash &&
          line.substr(hash + 2, colon - hash - 2).find_first_of(" `.") == std::string::npos;
      if (!offers || colon == std::string::npos) continue;
      std::string text = study_template(kind);
      text.erase(text.find(line) + hash, 2);
      CAPTURE(line);
      CHECK(refusal([&] { (void)load(text); }) == "");
      ++offered;
    }
  }
  CHECK(offered >= 6);
}

TEST_CASE("the winner's study file trains its configuration again") {
  const Spec spec = load(every_key);
  Config config;
  config.set("model.depth", std::int64_t{2});
  config.set("model.width", std::int64_t{32});
  config.set("train.lr", 0.012345678901234567);
  config.set("model.dropout", 0.1);
  const Spec winner = load(best_yaml(spec, config, 7));
  CHECK(winner.study == "all-keys-7");
  CHECK(winner.trials == 1);
  CHECK(winner.parameters.empty());
  const auto before = spec.settings(config, 7), after = winner.settings(Config(), 1);
  CHECK(after.model.depth == 2);
  CHECK(after.model.width == 32);
  CHECK(after.model.dropout == 0.1);
  CHECK(after.train.lr == before.train.lr);
  CHECK(after.train.epochs == before.train.epochs);
  CHECK(after.seed == before.seed);
  CHECK(after.data.key() == before.data.key());
  CHECK(winner.metrics.front().reduce == spec.metrics.front().reduce);
  // a name below a setting that was given in short
  Config warm = config;
  warm.set("train.schedule.warmup", 0.5);
  CHECK(load(best_yaml(spec, warm, 7)).settings(Config(), 1).train.schedule.type == "cosine");
  // texts that YAML would read as something else
  const Spec program = load(command_study);
  Config words;
  words.set("lr", 0.5);
  words.set("word", std::string("yes: \"no\" # \n 1e5"));
  const Spec again = load(best_yaml(program, words, 3));
  REQUIRE(again.parameters.size() == 2);
  CHECK(again.parameters[1].choices.front() == Value(std::string("yes: \"no\" # \n 1e5")));
  CHECK(again.parameters[0].choices.front() == Value(0.5));
}

TEST_CASE("a study that names no sampler has gp, and says so in its JSON") {
  const std::string study =
      "study: s\nobjective: {command: [/bin/true]}\nmetric: {name: v, goal: minimize}\n"
      "parameters: {x: {min: 0.0, max: 1.0}}\nstrategy: {type: bohb, max_steps: 9}\n";
  CHECK(load(study).sampler == "gp");
  CHECK(load(study + "sampler: tpe\n").sampler == "tpe");
  const Spec spec = load(study);
  CHECK(spec_from_json(spec.json).sampler == "gp");
  CHECK(spec_from_json(spec.json).hash() == spec.hash());
}
