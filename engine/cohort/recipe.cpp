#include "engine/cohort/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/error.h"
#include "core/text.h"
#include "engine/cohort/transfer.h"
#include "engine/cpu/runner.h"
#include "engine/models/registry.h"
#include "engine/recorded/recorded.h"

namespace vernier::engine {
namespace {

template <class Table, class Find>
auto named(const char* where, const std::string& name, const Table& table, Find find) {
  if (const auto found = find(name)) return *found;
  std::vector<std::string> names;
  for (const auto& info : table) names.emplace_back(info.name);
  fail<UsageError>("[{}] unknown name '{}'{}", where, printable(name), hint(name, names));
}

Loss pick_loss(const std::string& name, bool classes) {
  if (name.empty()) return classes ? Loss::cross_entropy : Loss::mse;
  const Loss loss = named("train.loss", name, loss_table, loss_from_name);
  const LossInfo& info = loss_table[static_cast<std::size_t>(loss)];
  if (!(classes ? info.for_classes : info.for_numbers)) {
    fail<UsageError>("[train.loss] '{}' does not fit a target of {}; expected {}", name,
                     classes ? "classes" : "numbers", classes ? "cross_entropy" : "mse");
  }
  return loss;
}

OptimizerHyper pick_hyper(const TrainSettings& train, Optimizer optimizer) {
  OptimizerHyper hyper = optimizer_info(optimizer).defaults;
  hyper.momentum = train.momentum.value_or(hyper.momentum);
  hyper.beta1 = train.beta1.value_or(hyper.beta1);
  hyper.beta2 = train.beta2.value_or(hyper.beta2);
  hyper.eps = train.eps.value_or(hyper.eps);
  hyper.weight_decay = train.weight_decay;
  return hyper;
}

AugmentRule pick_augment(const AugmentSettings& settings, const Shape& input) {
  AugmentRule rule{settings.flip,       settings.crop,     settings.shift,  settings.scale,
                   settings.brightness, settings.contrast, settings.jitter, settings.cutout};
  if (!rule.on()) return rule;
  if (input.size() != 3) {
    fail<UsageError>("[augment] examples of shape {}; expected images (height, width, channels)",
                     to_text(input));
  }
  rule.height = input[0];
  rule.width = input[1];
  rule.channels = input[2];
  return rule;
}

/// The kinds alone: strengths may differ within a cohort.
std::string kinds_of(const AugmentRule& rule) {
  const std::pair<const char*, bool> kinds[] = {
      {"flip", rule.flip > 0},        {"crop", rule.crop > 0},     {"resample", rule.resamples()},
      {"recolour", rule.recolours()}, {"cutout", rule.cutout > 0},
  };
  std::string text;
  for (const auto& [name, on] : kinds) {
    if (on) text += std::string(" ") + name;
  }
  return text;
}

void check_batch_norm(const Recipe& recipe) {
  each_layer(recipe.architecture.layers, [&](const Layer& layer) {
    if (std::holds_alternative<BatchNormLayer>(layer.kind) && recipe.batch < 2) {
      fail<UsageError>("[train.batch_size] 1 with batch norm; expected at least 2");
    }
  });
}

}  // namespace

DataShape shape_of(const Dataset& data) {
  return {data.shape,   data.classes, data.outputs,
          data.train.n, data.valid.n, data.names_of_classes()};
}

std::int64_t Recipe::updates_at(int step) const {
  const std::int64_t epoch = step / measures_per_epoch;
  const std::int64_t part = step % measures_per_epoch;
  return epoch * updates_per_epoch + updates_per_epoch * part / measures_per_epoch;
}

PlanOptions Recipe::plan_options(int valid_examples) const {
  PlanOptions options;
  options.batch = batch;
  options.evaluation_rows = std::max(1, std::min(std::max(batch, 256), valid_examples));
  options.scratch = cpu::scratch_floats;
  options.optimizer_states = optimizer_states(optimizer);
  options.average = average > 0;
  options.keep_best = early_stop.restore && !metric.empty();
  return options;
}

std::vector<std::string> result_names(bool classes) {
  if (!classes) return {"train_loss", "val_loss", "val_r2", "lr", "grad_norm", "weight_norm"};
  return {"train_loss", "train_acc", "val_loss", "val_acc", "lr", "grad_norm", "weight_norm"};
}

const std::vector<std::string>& timing_names() {
  static const std::vector<std::string> names{"seconds", "examples_per_second", "update_us"};
  return names;
}

Recipe make_recipe(const TrialSettings& settings, const DataShape& data, const Log& log) {
  const TrainSettings& train = settings.train;
  Recipe recipe;
  recipe.architecture = build_model(settings.model, data.input, data.outputs);
  recipe.frozen = frozen_layers(recipe.architecture, train.freeze);
  if (train.new_head) recipe.new_head = head_layer(recipe.architecture);
  recipe.classes = data.classes > 0;
  recipe.loss = pick_loss(train.loss, recipe.classes);
  recipe.optimizer =
      named("train.optimizer", train.optimizer, optimizer_table, optimizer_from_name);
  recipe.hyper = pick_hyper(train, recipe.optimizer);
  recipe.precision =
      named("train.precision", train.precision, precision_table, precision_from_name);
  recipe.clip_norm = train.clip_norm;
  recipe.smoothing = train.label_smoothing;
  recipe.average = train.ema;
  recipe.augment = pick_augment(settings.augment, data.input);
  recipe.early_stop = train.early_stop;
  recipe.maximize = settings.maximize;
  recipe.examples = data.train;
  recipe.measures_per_epoch = std::max(1, train.measures_per_epoch);
  recipe.epochs = train.epochs;
  recipe.seed = settings.seed;
  recipe.repeat = settings.repeat;

  if (data.train < 1 || data.valid < 1) {
    fail<UsageError>("[data] {} training and {} validation examples; expected at least 1 of each",
                     data.train, data.valid);
  }
  recipe.batch = std::clamp(train.batch_size, 1, data.train);
  if (train.batch_size > data.train) {
    log(Level::warning, fmt::format("[train.batch_size] {} is cut to the {} training examples",
                                    train.batch_size, data.train));
  }
  check_batch_norm(recipe);
  recipe.updates_per_epoch = data.train / recipe.batch;
  if (recipe.measures_per_epoch > recipe.updates_per_epoch) {
    fail<UsageError>("[train.measures_per_epoch] {} measures in {} updates; expected at most {}",
                     recipe.measures_per_epoch, recipe.updates_per_epoch, recipe.updates_per_epoch);
  }

  const auto per_epoch = static_cast<double>(recipe.updates_per_epoch);
  recipe.schedule.type =
      named("train.schedule.type", train.schedule.type, schedule_table, schedule_from_name);
  recipe.schedule.lr = train.lr;
  recipe.schedule.warmup_updates = train.schedule.warmup * per_epoch;
  recipe.schedule.updates_per_epoch = per_epoch;
  recipe.schedule.gamma = train.schedule.gamma;
  recipe.schedule.every = train.schedule.every;
  recipe.schedule.final_share = train.schedule.final_share;
  recipe.schedule.patience = train.schedule.patience;

  recipe.record =
      make_record_rule(train.record, {recipe.architecture, recipe.frozen, data}, recipe.steps());
  auto results = result_names(recipe.classes);
  results.insert(results.end(), recipe.record.metrics.begin(), recipe.record.metrics.end());
  const auto& timings = timing_names();
  if (std::find(results.begin(), results.end(), settings.metric) != results.end()) {
    recipe.metric = settings.metric;
  } else if (std::find(timings.begin(), timings.end(), settings.metric) == timings.end()) {
    fail<UsageError>("[metric] '{}' is not reported by this training{}", printable(settings.metric),
                     hint(settings.metric, results));
  }
  return recipe;
}

std::string fusion_key(const TrialSettings& settings, const Recipe& recipe, bool widths) {
  std::string key = settings.data.key() + "|" + to_text(recipe.architecture, widths);
  key += fmt::format("|batch {}|{}|{}|{}", recipe.batch,
                     loss_table[static_cast<std::size_t>(recipe.loss)].name,
                     optimizer_info(recipe.optimizer).name, recipe.average > 0 ? "ema" : "");
  key += "|augment" + kinds_of(recipe.augment);
  if (recipe.precision != Precision::fp32)
    key += fmt::format("|{}", precision_name(recipe.precision));
  return key;
}

}  // namespace vernier::engine
