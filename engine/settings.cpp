#include "engine/settings.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "core/error.h"
#include "core/text.h"
#include "engine/engine.h"
#include "engine/math/activations.h"
#include "engine/math/initialisers.h"
#include "engine/math/losses.h"
#include "engine/math/optimizers.h"
#include "engine/math/precision.h"
#include "engine/math/schedules.h"
#include "engine/models/layers.h"
#include "engine/recorded/recorded.h"
#include "engine/settings_field.h"
#include "engine/settings_values.h"

namespace vernier::engine {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();
constexpr int most_examples = 1'000'000'000;

template <class Table>
std::vector<std::string> names_of(const Table& table) {
  std::vector<std::string> names;
  for (const auto& entry : table) names.emplace_back(entry.name);
  return names;
}

std::vector<std::string> trainable_activations() {
  std::vector<std::string> names;
  for (const ActivationInfo& info : activation_table) {
    if (info.trainable) names.emplace_back(info.name);
  }
  return names;
}

const std::vector<std::string> heads{"keep", "new"};
const std::vector<std::string> styles{"plain", "street"};
const std::vector<std::string> shortcuts{"conv", "pad"};

struct Key {
  const char* name;
  void (*read)(TrialSettings&, const Field&);
};

const Key keys[] = {
    {"data.set",
     [](TrialSettings& s, const Field& f) { s.data.set = f.one_of(names_of(datasets())); }},
    {"data.dir", [](TrialSettings& s, const Field& f) { s.data.dir = f.text(); }},
    {"data.file", [](TrialSettings& s, const Field& f) { s.data.file = f.text(); }},
    {"data.target", [](TrialSettings& s, const Field& f) { s.data.target = f.text(); }},
    {"data.n", [](TrialSettings& s, const Field& f) { s.data.n = f.count(10, 10'000'000); }},
    {"data.noise", [](TrialSettings& s, const Field& f) { s.data.noise = f.number(0, 100); }},
    {"data.gap", [](TrialSettings& s, const Field& f) { s.data.gap = f.number(-100, 100); }},
    {"data.train",
     [](TrialSettings& s, const Field& f) { s.data.train = f.count(1, most_examples); }},
    {"data.valid",
     [](TrialSettings& s, const Field& f) { s.data.valid = f.count(1, most_examples); }},
    {"data.test",
     [](TrialSettings& s, const Field& f) { s.data.test = f.count(1, most_examples); }},
    {"data.split_seed",
     [](TrialSettings& s, const Field& f) {
       s.data.split_seed =
           static_cast<std::uint64_t>(f.integer(0, std::numeric_limits<std::int64_t>::max()));
     }},
    {"data.normalize",
     [](TrialSettings& s, const Field& f) { s.data.normalize = f.one_of(normalizations()); }},
    {"data.subset",
     [](TrialSettings& s, const Field& f) { s.data.subset = f.count(1, most_examples); }},
    {"data.classes", [](TrialSettings& s, const Field& f) { s.data.classes = read_classes(f); }},
    {"data.label_noise",
     [](TrialSettings& s, const Field& f) { s.data.label_noise = f.number(0, 1); }},
    {"data.style", [](TrialSettings& s, const Field& f) { s.data.style = f.one_of(styles); }},
    {"data.permute", [](TrialSettings& s, const Field& f) { s.data.permute = f.boolean(); }},
    {"data.shift", [](TrialSettings& s, const Field& f) { s.data.shift = f.count(0, 1000); }},
    {"data.folds", [](TrialSettings& s, const Field& f) { s.data.folds = f.count(2, 10); }},

    {"model.type",
     [](TrialSettings& s, const Field& f) { s.model.type = f.one_of(names_of(models())); }},
    {"model.depth", [](TrialSettings& s, const Field& f) { s.model.depth = f.count(0, 64); }},
    {"model.width", [](TrialSettings& s, const Field& f) { s.model.width = f.count(1, 65536); }},
    {"model.widths", [](TrialSettings& s, const Field& f) { s.model.widths = read_widths(f); }},
    {"model.activation",
     [](TrialSettings& s, const Field& f) {
       s.model.activation = f.one_of(trainable_activations());
     }},
    {"model.init", [](TrialSettings& s,
                      const Field& f) { s.model.init = f.one_of(names_of(initialiser_table)); }},
    {"model.gain", [](TrialSettings& s, const Field& f) { s.model.gain = f.number_between(0); }},
    {"model.bias", [](TrialSettings& s, const Field& f) { s.model.bias = f.boolean(); }},
    {"model.batch_norm",
     [](TrialSettings& s, const Field& f) { s.model.batch_norm = f.boolean(); }},
    {"model.dropout",
     [](TrialSettings& s, const Field& f) { s.model.dropout = f.number_below(0, 1); }},
    {"model.input_dropout",
     [](TrialSettings& s, const Field& f) { s.model.input_dropout = f.number_below(0, 1); }},

    {"model.width_factor",
     [](TrialSettings& s, const Field& f) { s.model.width_factor = f.number(1e-3, 100); }},
    {"model.layers",
     [](TrialSettings& s, const Field& f) {
       check_layers(f.json());
       s.model.layers = f.json();
     }},
    {"model.shortcut",
     [](TrialSettings& s, const Field& f) { s.model.shortcut = f.one_of(shortcuts); }},

    {"train.epochs",
     [](TrialSettings& s, const Field& f) { s.train.epochs = f.count(1, 1'000'000); }},
    {"train.measures_per_epoch",
     [](TrialSettings& s, const Field& f) { s.train.measures_per_epoch = f.count(1, 1000); }},
    {"train.batch_size",
     [](TrialSettings& s, const Field& f) { s.train.batch_size = f.count(1, 1 << 20); }},
    {"train.optimizer",
     [](TrialSettings& s, const Field& f) {
       s.train.optimizer = f.one_of(names_of(optimizer_table));
     }},
    {"train.lr", [](TrialSettings& s, const Field& f) { s.train.lr = f.number_between(0); }},
    {"train.momentum",
     [](TrialSettings& s, const Field& f) { s.train.momentum = f.number_below(0, 1); }},
    {"train.beta1", [](TrialSettings& s, const Field& f) { s.train.beta1 = f.number_below(0, 1); }},
    {"train.beta2", [](TrialSettings& s, const Field& f) { s.train.beta2 = f.number_below(0, 1); }},
    {"train.eps", [](TrialSettings& s, const Field& f) { s.train.eps = f.number_between(0); }},
    {"train.weight_decay",
     [](TrialSettings& s, const Field& f) { s.train.weight_decay = f.number(0, infinite); }},
    {"train.clip_norm",
     [](TrialSettings& s, const Field& f) { s.train.clip_norm = f.number(0, infinite); }},
    {"train.label_smoothing",
     [](TrialSettings& s, const Field& f) { s.train.label_smoothing = f.number_below(0, 1); }},
    {"train.loss",
     [](TrialSettings& s, const Field& f) { s.train.loss = f.one_of(names_of(loss_table)); }},
    {"train.precision",
     [](TrialSettings& s, const Field& f) {
       s.train.precision = f.one_of(names_of(precision_table));
     }},
    {"train.ema", [](TrialSettings& s, const Field& f) { s.train.ema = f.number_below(0, 1); }},
    {"train.seed", [](TrialSettings& s, const Field& f) { s.train.seed = read_seed(f); }},

    {"train.from", [](TrialSettings& s, const Field& f) { s.train.from = read_trial_name(f); }},
    {"train.freeze", [](TrialSettings& s, const Field& f) { s.train.freeze = read_layer_names(f); }},
    {"train.head",
     [](TrialSettings& s, const Field& f) { s.train.new_head = f.one_of(heads) == "new"; }},

    {"train.record.kinds",
     [](TrialSettings& s, const Field& f) { s.train.record.kinds = read_recordings(f); }},
    {"train.record.every",
     [](TrialSettings& s, const Field& f) { s.train.record.every = f.count(1, 1'000'000'000); }},

    {"train.schedule.type",
     [](TrialSettings& s,
        const Field& f) { s.train.schedule.type = f.one_of(names_of(schedule_table)); }},
    {"train.schedule.warmup",
     [](TrialSettings& s, const Field& f) { s.train.schedule.warmup = f.number(0, 1e6); }},
    {"train.schedule.gamma",
     [](TrialSettings& s, const Field& f) { s.train.schedule.gamma = f.number(1e-12, 1); }},
    {"train.schedule.every",
     [](TrialSettings& s, const Field& f) { s.train.schedule.every = f.number_between(0); }},
    {"train.schedule.final_share",
     [](TrialSettings& s, const Field& f) { s.train.schedule.final_share = f.number(0, 1); }},
    {"train.schedule.patience",
     [](TrialSettings& s, const Field& f) { s.train.schedule.patience = f.count(0, 1'000'000); }},

    {"train.early_stop.patience",
     [](TrialSettings& s, const Field& f) { s.train.early_stop.patience = f.count(0, 1'000'000); }},
    {"train.early_stop.min_delta",
     [](TrialSettings& s,
        const Field& f) { s.train.early_stop.min_delta = f.number(0, infinite); }},
    {"train.early_stop.restore",
     [](TrialSettings& s, const Field& f) { s.train.early_stop.restore = f.boolean(); }},

    {"augment.flip",
     [](TrialSettings& s, const Field& f) {
       s.augment.flip =
           f.json().is_boolean() ? (f.boolean() ? 0.5 : 0.0) : f.number(0, 1);
     }},
    {"augment.crop", [](TrialSettings& s, const Field& f) { s.augment.crop = f.count(0, 1000); }},
    {"augment.shift",
     [](TrialSettings& s, const Field& f) { s.augment.shift = f.number(0, 1000); }},
    {"augment.scale",
     [](TrialSettings& s, const Field& f) { s.augment.scale = f.number_below(0, 1); }},
    {"augment.brightness",
     [](TrialSettings& s, const Field& f) { s.augment.brightness = f.number(0, 1000); }},
    {"augment.contrast",
     [](TrialSettings& s, const Field& f) { s.augment.contrast = f.number(0, 1); }},
    {"augment.jitter",
     [](TrialSettings& s, const Field& f) { s.augment.jitter = f.number(0, 1000); }},
    {"augment.cutout",
     [](TrialSettings& s, const Field& f) { s.augment.cutout = f.count(0, 1000); }},
};

/// The names one below `path` ("" for the sections): "train" for "", "lr" and "schedule" for "train".
std::vector<std::string> children(std::string_view path) {
  std::vector<std::string> names;
  for (const Key& key : keys) {
    std::string_view rest = key.name;
    if (!path.empty()) {
      if (!rest.starts_with(path) || rest.size() <= path.size() || rest[path.size()] != '.')
        continue;
      rest.remove_prefix(path.size() + 1);
    }
    std::string name(rest.substr(0, rest.find('.')));
    if (names.empty() || names.back() != name) names.push_back(std::move(name));
  }
  return names;
}

void read_tree(const Json& json, const std::string& path, TrialSettings& settings) {
  for (const Key& key : keys) {
    if (path == key.name) return key.read(settings, Field(json, path));
  }
  const std::vector<std::string> names = children(path);
  if (!json.is_object()) {
    if (path == "train.schedule") return read_tree(json, "train.schedule.type", settings);
    if (path == "train.record") return read_tree(json, "train.record.kinds", settings);
    Field(json, path.empty() ? "study" : path).refuse("a section with keys " + join(names, ", "));
  }
  for (const auto& [name, value] : json.items()) {
    bool known = false;
    for (const std::string& candidate : names) known = known || candidate == name;
    const std::string full = path.empty() ? name : path + "." + name;
    if (!known) fail<UsageError>("[{}] unknown key{}", printable(full), hint(name, names));
    read_tree(value, full, settings);
  }
}

bool has(const Json& sections, const char* section, const char* key) {
  const auto at = sections.find(section);
  return at != sections.end() && at->contains(key);
}

/// Defaults that depend on another setting.
void fill_defaults(const Json& sections, TrialSettings& settings) {
  if (settings.train.optimizer == "adamw" && !has(sections, "train", "weight_decay")) {
    settings.train.weight_decay = optimizer_info(Optimizer::adamw).defaults.weight_decay;
  }
  const bool has_gamma = has(sections, "train", "schedule") &&
                         sections["train"]["schedule"].is_object() &&
                         sections["train"]["schedule"].contains("gamma");
  if (!has_gamma) {
    for (const ScheduleInfo& info : schedule_table) {
      if (info.name == settings.train.schedule.type) settings.train.schedule.gamma = info.gamma;
    }
  }
}

void check_together(const Json& sections, const TrialSettings& settings) {
  if (!settings.model.widths.empty() &&
      (has(sections, "model", "depth") || has(sections, "model", "width"))) {
    fail<UsageError>(
        "[model.widths] given beside model.depth or model.width; expected one or the other");
  }
  if (settings.train.new_head && settings.train.from.empty())
    fail<UsageError>("[train.head] new without train.from; expected a trial to start with");
  const RecordSettings& record = settings.train.record;
  if (record.every > 0 && std::none_of(record.kinds.begin(), record.kinds.end(), is_spaced))
    fail<UsageError>(
        "[train.record.every] has no effect: {}; expected beside a picture, as confusion",
        record.kinds.empty() ? "nothing is recorded"
                             : join(record.kinds, " and ") + " of every step");
  if (settings.data.folds > 0 && settings.data.valid) {
    fail<UsageError>(
        "[data.folds] given beside data.valid; expected one or the other: each fold is validated "
        "on");
  }
  const bool files = settings.data.set == "csv" || settings.data.set == "npy";
  if (!files && !(settings.data.file.empty() && settings.data.target.empty())) {
    fail<UsageError>("[data.{}] given for data set '{}'; expected only with set: csv or npy",
                     settings.data.file.empty() ? "target" : "file", settings.data.set);
  }
}

}  // namespace

TrialSettings settings_from_json(const Json& sections) {
  TrialSettings settings;
  read_tree(sections, "", settings);
  fill_defaults(sections, settings);
  check_together(sections, settings);
  return settings;
}

const std::vector<std::string>& setting_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> list;
    for (const Key& key : keys) {
      if (std::string_view(key.name) == "train.schedule.type") list.emplace_back("train.schedule");
      list.emplace_back(key.name);
    }
    return list;
  }();
  return names;
}

const std::vector<std::string>& normalizations() {
  static const std::vector<std::string> names{"none",         "minmax",    "standardize",
                                              "channel_mean", "per_image", "whiten"};
  return names;
}

std::string DataSettings::key() const {
  const auto optional = [](const auto& value) {
    return value ? fmt::format("{}", *value) : std::string("-");
  };
  return Json{set,
              dir,
              file,
              target,
              optional(n),
              optional(noise),
              fmt::format("{}", gap),
              optional(train),
              optional(valid),
              optional(test),
              split_seed,
              normalize,
              classes,
              optional(subset),
              fmt::format("{}", label_noise),
              style,
              permute,
              shift,
              folds,
              fold}
      .dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace vernier::engine
