// Optuna's studies: COMPLETE is completed, PRUNED stopped, FAIL failed; a trial with an infinite value diverged. Those that have not ended stay behind.
#include "store/imports/optuna.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "experiments/imports/conditions.h"
#include "experiments/imports/finished_trials.h"
#include "experiments/imports/imports.h"
#include "experiments/study/write_yaml.h"

namespace vernier::experiments {
namespace {

using store::OptunaDistribution;
using store::OptunaStudy;
using store::OptunaTrial;
using Kind = OptunaDistribution::Kind;

/// A study that is ready to be added.
struct Prepared {
  Imported imported;
  Spec spec;
  std::vector<FinishedTrial> trials;
};

class Import {
 public:
  Import(const std::filesystem::path& path, const OptunaStudy& study, const ImportOptions& options)
      : path_(path), study_(study), options_(options) {
    imported_.from = study.name;
  }

  Prepared run() {
    read_configs();
    Spec spec = options_.file ? load_spec(*options_.file) : spec_from_json(document());
    if (options_.file) {
      if (options_.as) {
        spec.study = *options_.as;
        spec.json["study"] = spec.study;
      }
      check_metrics(spec);
    } else {
      spec.text = write_yaml(spec.json);
      imported_.yaml = spec.text;
    }
    imported_.study = spec.study;
    auto trials = finished(spec);
    imported_.trials = static_cast<int>(trials.size());
    return {std::move(imported_), std::move(spec), std::move(trials)};
  }

 private:
  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    imported_.notes.push_back(fmt::format(text, std::forward<Args>(args)...));
  }
  std::string place(const OptunaTrial& trial) const {
    return fmt::format("[{}] study '{}', trial {}", path_.string(), printable(study_.name),
                       trial.number);
  }

  /// Texts, numbers and booleans; None has no value here.
  static Value value_of(const Json& json) {
    return json.is_null() ? Value(std::string("None")) : value_from_json(json);
  }

  void read_configs() {
    for (const OptunaTrial& trial : study_.trials) {
      Config config;
      for (const auto& [name, value] : trial.params) config.set(name, value_of(value));
      configs_.push_back(std::move(config));
    }
  }
  static bool whole(const OptunaTrial& trial) {
    return trial.state == "COMPLETE" || trial.state == "PRUNED";
  }

  Json range(const std::string& name, const OptunaDistribution& d) {
    if (d.kind == Kind::categorical) {
      Json values = Json::array();
      for (const Json& choice : d.choices) {
        if (choice.is_null()) note("{}: None is the text \"None\" here", name);
        values.push_back(to_json(value_of(choice)));
      }
      if (values.size() == 1) return {{"value", values[0]}};
      return {{"type", "categorical"}, {"values", values}};
    }
    const bool whole = d.kind == Kind::integer;
    const auto number = [&](double x) { return whole ? Json(std::llround(x)) : Json(x); };
    if (d.low == d.high) return {{"value", number(d.low)}};
    Json json{{"type", whole ? "int" : "float"}, {"min", number(d.low)}, {"max", number(d.high)}};
    if (d.log) json["log"] = true;
    if (d.step && !(whole && *d.step == 1)) json["step"] = number(*d.step);
    return json;
  }

  Json parameters() {
    std::vector<Config> complete;
    for (std::size_t i = 0; i < configs_.size(); ++i)
      if (whole(study_.trials[i])) complete.push_back(configs_[i]);
    Json all = Json::object();
    std::vector<std::string> before;
    for (const auto& [name, distribution] : study_.params) {
      const auto has = [&, &key = name](const Config& config) { return config.find(key); };
      const auto count = std::count_if(complete.begin(), complete.end(), has);
      if (count == 0) {
        note("{}: only trials without a result have it; left out", name);
        continue;
      }
      Json json = range(name, distribution);
      if (count < static_cast<std::ptrdiff_t>(complete.size())) {
        const auto condition = find_condition(name, before, complete);
        if (!condition)
          fail<UsageError>(
              "[{}] study '{}': parameter '{}' is in {} of {} trials, and no parameter before it "
              "says when; expected --file STUDY.yaml with its `when`",
              path_.string(), printable(study_.name), printable(name), count, complete.size());
        json["when"] = expr::to_text(*condition);
        note("{}: when {}, as its trials have it", name, expr::to_text(*condition));
      }
      all[name] = json;
      before.push_back(name);
    }
    return all;
  }

  std::vector<std::string> metric_names() const {
    if (!study_.metrics.empty()) return study_.metrics;
    if (study_.maximize.size() == 1) return {"value"};
    std::vector<std::string> names;
    for (std::size_t k = 0; k < study_.maximize.size(); ++k)
      names.push_back(fmt::format("value_{}", k));
    return names;
  }

  Json document() {
    Json json{{"version", 1}};
    json["study"] = options_.as.value_or(study_name(study_.name));
    if (json["study"] != study_.name && !options_.as)
      note("the name '{}' is {} here", printable(study_.name), json["study"].get<std::string>());
    json["note"] = fmt::format("Optuna's study {}", printable(study_.name));
    std::vector<std::string> command = options_.command;
    if (command.empty()) command = {"no-program-was-imported"};
    json["objective"] = {{"command", command}};
    json["metric"] = Json::array();
    const auto names = metric_names();
    for (std::size_t k = 0; k < names.size(); ++k)
      json["metric"].push_back({{"name", names[k]},
                                {"goal", study_.maximize[k] ? "maximize" : "minimize"},
                                {"reduce", "last"}});
    json["sampler"] = names.size() > 4 ? "nsga2" : "gp";
    json["strategy"] = "full";
    json["seed"] = 0;
    json["trials"] = std::max<std::size_t>(1, study_.trials.size());
    json["parameters"] = parameters();
    return json;
  }

  void check_metrics(const Spec& spec) const {
    bool same = spec.metrics.size() == study_.maximize.size();
    for (std::size_t k = 0; same && k < spec.metrics.size(); ++k)
      same = spec.metrics[k].maximize == study_.maximize[k];
    if (!same)
      fail<UsageError>(
          "{}[metric] other goals than those of Optuna's study '{}' ({} objectives); expected as "
          "many, with the same directions",
          spec.places.value("metric"), printable(study_.name), study_.maximize.size());
  }

  std::vector<FinishedTrial> finished(const Spec& spec) {
    const search::Space space = spec.space();
    const bool from_zero =
        std::any_of(study_.trials.begin(), study_.trials.end(), [](const OptunaTrial& trial) {
          return !trial.intermediate.empty() && trial.intermediate.front().first == 0;
        });
    std::vector<FinishedTrial> all;
    int open = 0;
    for (std::size_t i = 0; i < study_.trials.size(); ++i) {
      const OptunaTrial& trial = study_.trials[i];
      if (!whole(trial) && trial.state != "FAIL") {
        ++open;
        continue;
      }
      FinishedTrial made;
      made.trial.number = trial.number + 1;
      try {
        made.trial.config = space.canonical(configs_[i]);
      } catch (const UsageError& error) {
        if (whole(trial)) fail<UsageError>("{}: {}", place(trial), error.what());
        note("trial {} failed before it had all parameters; left out", trial.number);
        continue;
      }
      made.run.started = trial.started;
      made.run.ended = trial.ended;
      if (trial.started && trial.ended)
        made.run.seconds = std::max(0.0, *trial.ended - *trial.started);
      if (!trial.user.empty()) made.note = trial.user.dump();
      add_results(trial, spec, from_zero ? 1 : 0, made);
      all.push_back(std::move(made));
    }
    if (open > 0) note("{} trials that had not ended were left out", open);
    if (from_zero) note("steps count from 1 here: Optuna's step 0 is step 1");
    if (!all.empty()) note("numbers count from 1 here: Optuna's trial 0 is #1");
    return all;
  }

  void add_results(const OptunaTrial& trial, const Spec& spec, int shift, FinishedTrial& made) {
    made.end.state = trial.state == "COMPLETE" ? store::State::completed
                     : trial.state == "PRUNED" ? store::State::stopped
                                               : store::State::failed;
    if (trial.state == "PRUNED") made.end.reason = "pruned by Optuna";
    if (trial.state == "FAIL") made.end.reason = "failed in Optuna";
    std::vector<double> values = trial.values;
    const bool complete = trial.state == "COMPLETE";
    if (complete && values.size() != study_.maximize.size())
      fail<StoreError>("{}: {} values of a complete trial; expected {}", place(trial),
                       values.size(), study_.maximize.size());
    const auto infinite = [](double v) { return !std::isfinite(v); };
    if (complete && std::any_of(values.begin(), values.end(), infinite)) {
      made.end.state = store::State::diverged;
      made.end.reason = "an infinite value";
      note("trial {}: diverged, as its value is infinite", trial.number);
    }
    store::Series curve{spec.metrics.front().name, false, {}, {}};
    for (const auto& [step, value] : trial.intermediate) {
      curve.steps.push_back(step + shift);
      curve.values.push_back(value);
    }
    if (values.empty() && !curve.values.empty() && trial.state == "PRUNED")
      values = {curve.values.back()};
    const bool finite = !values.empty() && std::none_of(values.begin(), values.end(), infinite);
    if (finite && trial.state != "FAIL") {
      made.end.value = values.front();
      if (values.size() > 1) made.end.objectives = values;
    }
    if (!curve.steps.empty()) {
      const auto same = std::find(curve.values.begin(), curve.values.end(),
                                  values.empty() ? std::nan("") : values.front());
      made.end.best_step = same == curve.values.end()
                               ? curve.steps.back()
                               : curve.steps[static_cast<std::size_t>(same - curve.values.begin())];
      made.curves.push_back(curve);
    }
    if (curve.steps.empty() && finite) {
      for (std::size_t k = 0; k < values.size() && k < spec.metrics.size(); ++k)
        made.curves.push_back({spec.metrics[k].name, false, {1}, {values[k]}});
      made.end.best_step = 1;
    }
  }

  const std::filesystem::path& path_;
  const OptunaStudy& study_;
  const ImportOptions& options_;
  std::vector<Config> configs_;  // of each trial, as it has them
  Imported imported_;
};

/// All or none: a name that is taken refuses the whole file.
void check_names(const std::vector<OptunaStudy>& studies, const ImportOptions& options) {
  std::set<std::string> taken;
  if (std::filesystem::exists(options.db))
    for (const auto& known : store::Store::open(options.db, store::Mode::read).studies())
      taken.insert(known.name);
  for (const OptunaStudy& study : studies) {
    const std::string name = options.as.value_or(study_name(study.name));
    if (!taken.insert(name).second)
      fail<StoreError>(
          "[{}] a study '{}' is there already; nothing was imported: expected --study '{}' --as "
          "NAME for another name",
          options.db.string(), name, printable(study.name));
  }
}

}  // namespace

std::vector<Imported> import_optuna(const std::filesystem::path& path,
                                    const ImportOptions& options) {
  std::vector<OptunaStudy> studies = store::read_optuna(path);
  std::vector<std::string> names;
  for (const OptunaStudy& study : studies) names.push_back(study.name);
  for (const std::string& wanted : options.studies)
    if (std::find(names.begin(), names.end(), wanted) == names.end())
      fail<NotFoundError>("[{}] no study '{}'{}", path.string(), printable(wanted),
                          hint(wanted, names));
  if (!options.studies.empty())
    std::erase_if(studies, [&](const OptunaStudy& study) {
      return std::find(options.studies.begin(), options.studies.end(), study.name) ==
             options.studies.end();
    });
  if (studies.size() != 1 && (options.as || options.file || options.one))
    fail<UsageError>("[{}] {} studies; expected --study NAME beside --as, --file and -o",
                     path.string(), studies.size());
  if (!options.file) check_names(studies, options);
  std::vector<Imported> done;
  std::vector<Prepared> prepared;  // all are, before the first is added
  for (const OptunaStudy& study : studies) {
    const bool empty = std::none_of(study.trials.begin(), study.trials.end(),
                                    [](const OptunaTrial& t) { return !t.params.empty(); });
    if (empty && !options.file) {
      done.push_back({study.name, "", "", 0, {"it has no trial with parameters: left out"}});
      continue;
    }
    prepared.push_back(Import(path, study, options).run());
  }
  for (Prepared& study : prepared) {
    add_study(options.db, study.spec, study.trials,
              fmt::format("{} of {}", printable(study.imported.from), path.string()));
    done.push_back(std::move(study.imported));
  }
  return done;
}

}  // namespace vernier::experiments
