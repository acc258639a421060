#include "experiments/study/spec.h"

#include <algorithm>
#include <climits>

#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"
#include "core/text.h"
#include "engine/effects.h"
#include "experiments/study/claim.h"
#include "experiments/study/dotted.h"
#include "experiments/study/overrides.h"
#include "experiments/study/sections.h"
#include "experiments/study/yaml.h"

namespace vernier::experiments {
namespace {

const std::vector<std::string> keys{"version", "study",     "note",       "data",        "model",
                                    "train",   "augment",   "metric",     "require",     "sampler",
                                    "seed",    "trials",    "parameters", "constraints", "strategy",
                                    "enqueue", "resources", "limits",     "objective",   "keep",
                                    "claim",   "repeats",   "warm_start"};

void read_name(const Reader& study, Spec& spec) {
  if (study.has("study")) {
    spec.study = study.at("study").text();
  } else if (!spec.file.empty()) {
    spec.study = spec.file.stem().string();
  }
  const bool plain =
      spec.study.find_first_not_of(
          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == std::string::npos;
  if (spec.study.empty() || spec.study.size() > 100 || !plain || spec.study.front() == '.' ||
      spec.study.front() == '-')
    study.at("study").error(fmt::format(
        "found name '{}'; expected 1 to 100 letters, digits and . _ - (not . or - first)",
        printable(spec.study)));
  spec.json["study"] = spec.study;
}

void read_sections(const Reader& study, Spec& spec) {
  for (const char* key : engine_sections) {
    if (!study.has(key)) continue;
    study.at(key).section();
    spec.json[key] = study.json()[key];
  }
  if (spec.json.contains("data") && spec.json["data"].contains("dir") && !spec.file.empty()) {
    Json& dir = spec.json["data"]["dir"];
    if (dir.is_string())
      dir = (std::filesystem::absolute(spec.file).parent_path() / dir.get<std::string>())
                .lexically_normal()
                .string();
  }
}

void read_study(const Json& json, Spec& spec) {
  const Reader study(json, "", spec.places);
  study.only(keys);
  if (study.has("version")) study.at("version").integer(1, 1);
  spec.json = Json{{"version", 1}};
  read_name(study, spec);
  if (study.has("note")) {
    if (!study.at("note").json().is_string()) study.at("note").refuse("text");
    spec.note = study.json()["note"];
    spec.json["note"] = spec.note;
  }
  read_objective(study, spec);
  read_sections(study, spec);
  read_metrics(study, spec);
  read_require(study, spec);
  if (study.has("seed")) spec.seed = study.at("seed").unsigned_integer();
  spec.json["seed"] = spec.seed;
  if (study.has("trials")) spec.trials = static_cast<int>(study.at("trials").integer(1, 100000000));
  spec.json["trials"] = spec.trials;
  if (study.has("keep")) spec.keep = static_cast<int>(study.at("keep").integer(0, 100000000));
  spec.json["keep"] = spec.keep;
  read_space(study, spec);
  read_choices(study, spec);
  read_enqueue(study, spec);
  read_warm_start(study, spec);
  read_resources(study, spec);
  read_limits(study, spec);
  read_repeats(study, spec);
  read_claims(study, spec);
  if (spec.command && !spec.command->argv.empty() && spec.strategy != "full" &&
      !spec.strategy_options.contains("max_steps"))
    study.at("strategy")
        .error(fmt::format("{} of an external program without max_steps; expected max_steps: STEPS",
                           spec.strategy));
  if (!spec.command) check_engine_settings(spec);
}

}  // namespace

void check_engine_settings(const Spec& spec) {
  const Json base = base_sections(spec.json);
  with_place(spec.places, "model", [&] { (void)engine::settings_from_json(base); });
  const auto try_value = [&](const search::Parameter& parameter, const Value& value) {
    Json sections = base;
    put_dotted(sections, parameter.name, to_json(value));
    try {
      (void)engine::settings_from_json(sections);
    } catch (const UsageError& error) {
      throw UsageError(spec.places.value("parameters." + parameter.name) + error.what());
    }
  };
  const search::Space space = spec.space();
  for (std::size_t i = 0; i < space.size(); ++i) {
    const search::Parameter& parameter = space.parameters()[i];
    for (const Value& value : parameter.choices) try_value(parameter, value);
    if (!parameter.choices.empty()) continue;
    try_value(parameter, space.axis(i).at(0));
    try_value(parameter, space.axis(i).at(1));
  }
}

engine::TrialSettings Spec::settings(const Config& config, int number) const {
  Json sections = base_sections(json);
  for (const auto& [name, value] : config) put_dotted(sections, name, to_json(value));
  engine::TrialSettings settings = engine::settings_from_json(sections);
  settings.metric = metrics.front().name;
  settings.maximize = metrics.front().maximize;
  settings.seed = trial_seed(config, number);
  return settings;
}

int Spec::amended_after() const {
  return json.contains("spaces") ? json["spaces"].back().at("trials").get<int>() : 0;
}

std::uint64_t Spec::trial_seed(const Config& config, int number) const {
  const Value* searched = command ? nullptr : config.find("train.seed");
  const Json own = searched ? to_json(*searched) : get_dotted(base_sections(json), "train.seed");
  if (!command && own.is_number()) return own.get<std::uint64_t>();
  if (!command && own != "per_trial") return seed;
  const Philox4 block =
      random_block({seed, Stream::sampler, 0xFFFF}, static_cast<std::uint32_t>(number), UINT64_MAX);
  return std::uint64_t{block.v[0]} << 32 | block.v[1];
}

int Spec::max_steps() const {
  const Json* most =
      strategy_options.contains("max_steps") ? &strategy_options["max_steps"] : nullptr;
  if (command) return most ? most->get<int>() : INT_MAX;
  Json sections = base_sections(json);
  for (const search::Parameter& parameter : parameters) {
    if (parameter.name != "train.epochs" && parameter.name != "train.measures_per_epoch") continue;
    double largest = parameter.high;
    for (const Value& value : parameter.choices)
      largest = &value == &parameter.choices.front() ? as_number(value)
                                                     : std::max(largest, as_number(value));
    put_dotted(sections, parameter.name, static_cast<std::int64_t>(largest));
  }
  const int steps = engine::settings_from_json(sections).steps();
  return most ? std::min(most->get<int>(), steps) : steps;
}

namespace {

/// Every value that a choosing key takes in this study: those searched, and the one it has otherwise.
std::vector<std::string> alternatives(const Spec& spec, const Json& base, const std::string& key) {
  std::vector<std::string> values;
  const std::string plain = key == "train.schedule.type" ? "train.schedule" : key;
  bool always = false;
  for (const search::Parameter& parameter : spec.parameters) {
    if (parameter.name != key && parameter.name != plain) continue;
    always = !parameter.condition;
    for (const Value& value : parameter.choices) values.push_back(to_text(value));
  }
  if (always) return values;
  values.push_back(engine::chosen(engine::settings_from_json(base))(key).front());
  return values;
}

/// Of what a person writes; a study that a database keeps was accepted once and stays readable.
void check_effects(const Spec& spec) {
  const Json base = base_sections(spec.json);
  std::vector<std::string> given = engine::keys_given(base);
  const auto values = [&](const std::string& key) { return alternatives(spec, base, key); };
  with_place(spec.places, "model", [&] { engine::check_effects(given, values); });
  for (const search::Parameter& parameter : spec.parameters) {
    try {
      engine::check_effects({parameter.name}, values);
    } catch (const UsageError& error) {
      throw UsageError(spec.places.key("parameters." + parameter.name) + error.what());
    }
  }
}

}  // namespace

Spec load_spec(const std::filesystem::path& file, const Overrides& overrides) {
  Spec spec;
  spec.file = file;
  spec.text = read_text(file);
  Document document = read_yaml(spec.text, printable(file.string()));
  if (!document.json.is_object())
    fail<UsageError>("{}:1:1: no keys; expected a study file, as `vernier new` prints one",
                     printable(file.string()));
  apply(overrides, document);
  spec.places = std::move(document.places);
  read_study(document.json, spec);
  if (!spec.command) check_effects(spec);
  return spec;
}

Spec spec_from_json(const Json& json) {
  Spec spec;
  spec.text = json.dump(2);
  Json written = json;
  if (written.is_object()) written.erase("spaces");
  read_study(written, spec);
  if (json.contains("spaces")) spec.json["spaces"] = json["spaces"];
  return spec;
}

}  // namespace vernier::experiments
