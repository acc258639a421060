// Study files for `vernier new`.
#include "core/error.h"
#include "core/text.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {
namespace {

constexpr const char* mlp =
    R"(# A search over the built-in digits. `vernier check FILE` says what it will do, `vernier run FILE` does it.
version: 1
study: my-mlp
note: How wide, how deep, how fast?

data:
  set: digits              # vernier datasets lists them
  normalize: standardize   # none, minmax, standardize, channel_mean, per_image, whiten
model:
  type: mlp                # vernier models lists them
  activation: relu
train:
  epochs: 10
  batch_size: 128
  optimizer: adam
  schedule: cosine
  early_stop: {patience: 5}
  # record: [gradients, classes, confusion, worst, histograms, filters]   # drawn by vernier report --trial
metric: {name: val_acc, goal: maximize, reduce: best}   # best, last, mean_last_5

sampler: gp                # vernier samplers lists them
strategy: full             # vernier strategies lists them
seed: 0
trials: 30                 # in all, also after an interruption

parameters:                # anything data, model and train accept, by its dotted name
  model.depth: {min: 1, max: 4}
  model.width: {min: 16, max: 512, log: true}
  train.lr: {min: 1.0e-5, max: 0.1, log: true}
  model.dropout: {min: 0.0, max: 0.5, step: 0.1, when: model.depth >= 2}
constraints: ["model.width * model.depth <= 1024"]

resources: {devices: auto, jobs: auto}
# require: ["parameters <= 200000"]    # a limit on parameters, flops, bytes or a metric; the search learns where it lies
# repeats: {seeds: 3, only: top 5}     # the best again with other seeds, when the search is over
# limits: {wall_time: 2h, target: 0.99, regret: 0.001}
# warm_start: [an-earlier-study]       # of the same parameters, or some of them
# claim: {text: "Dropout helps", arms: model.dropout, better: 0.2, than: 0.0}   # vernier claims judges it
# enqueue: [{model.depth: 2, model.width: 128, train.lr: 0.001}]
)";

constexpr const char* cnn =
    R"(# A search over a small convolutional network, layer by layer. `vernier check FILE` says what it will do, `vernier run FILE` does it.
version: 1
study: my-cnn
note: How many filters, and how many blocks?

data:
  set: digits              # vernier datasets lists them
  train: 4000              # examples to train on
model:
  type: layers             # or a named one: vernier models lists them
  layers:                  # images go in as (height, width, channels); `name` is what parameters below call a layer
    - conv: {name: c1, filters: 16, kernel: 3, padding: same}   # padding: valid, same, or a number
    - batch_norm
    - relu                 # any activation by its name; {activation: {name: a1, type: relu}} can be searched
    - max_pool: 2          # also avg_pool, global_avg_pool
    - repeat:
        name: blocks
        times: 1
        layers:
          - residual:      # the input is added to what these layers make of it
              - conv: {name: c2, filters: 16, kernel: 3, padding: same}
              - batch_norm
          - relu
    - max_pool: 2
    - flatten
    - dense: {name: d1, units: 64}
    - relu
    - dropout: {name: drop, rate: 0.2}
    - dense: classes       # as many units as the data have classes
train:
  epochs: 5
  batch_size: 64
  optimizer: adam
  schedule: cosine
metric: {name: val_acc, goal: maximize, reduce: best}

sampler: gp                # vernier samplers lists them
strategy: full             # vernier strategies lists them
seed: 0
trials: 20                 # in all, also after an interruption

parameters:                # anything in a layer by its name (or its index, from 0), and anything data, model and train accept
  model.layers.c1.filters: {min: 4, max: 32, log: true}
  model.layers.blocks.times: {min: 0, max: 3}
  model.layers.d1.units: {min: 16, max: 128, log: true}
  model.layers.drop.rate: {min: 0.0, max: 0.5, step: 0.1}
  train.lr: {min: 1.0e-4, max: 0.03, log: true}

resources: {devices: auto, jobs: auto}
)";

constexpr const char* command =
    R"(# A search over your own program. Each trial starts the command once; its parameters are JSON in $VERNIER_PARAMS, and every line
# such as {"step": 1, "val_loss": 0.3} that it prints is a measurement. Exit code 0 means done.
version: 1
study: my-command
objective:
  command: [python3, train.py]   # run in this file's folder, without a shell
  params: json
  resumable: true                # it continues from $VERNIER_START_STEP with what it saved in $VERNIER_TRIAL_DIR
  # timeout: 10m
metric: {name: val_loss, goal: minimize, reduce: best}

sampler: gp
strategy: full                   # asha needs max_steps: {type: asha, max_steps: 27}
seed: 0
trials: 30

parameters:
  lr: {min: 1.0e-5, max: 0.1, log: true}
  layers: {min: 1, max: 4}
  activation: {values: [relu, tanh]}

resources: {jobs: auto}
)";

}  // namespace

std::string study_template(const std::string& kind) {
  if (kind == "mlp") return mlp;
  if (kind == "cnn") return cnn;
  if (kind == "command") return command;
  const std::vector<std::string> kinds{"mlp", "cnn", "command"};
  fail<UsageError>("[new] unknown kind '{}'{}", printable(kind), hint(kind, kinds));
}

}  // namespace vernier::experiments
