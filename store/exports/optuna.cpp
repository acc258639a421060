// Optuna's relational storage, schema v3.2.0.a (version 12; optuna/storages/_rdb/models.py, unchanged from 3.2 to 5.0): search trials in order, numbered
// from 0. stopped -> PRUNED; failed, diverged, infeasible -> FAIL; waiting, paused, interrupted -> WAITING.
#include <algorithm>
#include <cmath>
#include <ctime>

#include "core/error.h"
#include "store/exports/exports.h"
#include "store/exports/facts.h"
#include "store/sqlite/connection.h"

namespace vernier::store {
namespace {

using sqlite::Connection;

constexpr const char* schema = R"sql(
CREATE TABLE studies (study_id INTEGER NOT NULL, study_name VARCHAR(512) NOT NULL, PRIMARY KEY (study_id));
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE TABLE version_info (version_info_id INTEGER NOT NULL, schema_version INTEGER, library_version VARCHAR(256),
  PRIMARY KEY (version_info_id), CHECK (version_info_id=1));
CREATE TABLE study_directions (study_direction_id INTEGER NOT NULL, direction VARCHAR(8) NOT NULL, study_id INTEGER NOT NULL,
  objective INTEGER NOT NULL, PRIMARY KEY (study_direction_id), UNIQUE (study_id, objective), FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_user_attributes (study_user_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512), value_json TEXT,
  PRIMARY KEY (study_user_attribute_id), UNIQUE (study_id, "key"), FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE study_system_attributes (study_system_attribute_id INTEGER NOT NULL, study_id INTEGER, "key" VARCHAR(512), value_json TEXT,
  PRIMARY KEY (study_system_attribute_id), UNIQUE (study_id, "key"), FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE TABLE trials (trial_id INTEGER NOT NULL, number INTEGER, study_id INTEGER, state VARCHAR(8) NOT NULL, datetime_start DATETIME,
  datetime_complete DATETIME, PRIMARY KEY (trial_id), FOREIGN KEY(study_id) REFERENCES studies (study_id));
CREATE INDEX ix_trials_study_id ON trials (study_id);
CREATE TABLE trial_user_attributes (trial_user_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512), value_json TEXT,
  PRIMARY KEY (trial_user_attribute_id), UNIQUE (trial_id, "key"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_system_attributes (trial_system_attribute_id INTEGER NOT NULL, trial_id INTEGER, "key" VARCHAR(512), value_json TEXT,
  PRIMARY KEY (trial_system_attribute_id), UNIQUE (trial_id, "key"), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_params (param_id INTEGER NOT NULL, trial_id INTEGER, param_name VARCHAR(512), param_value FLOAT, distribution_json TEXT,
  PRIMARY KEY (param_id), UNIQUE (trial_id, param_name), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_values (trial_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, objective INTEGER NOT NULL, value FLOAT,
  value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_value_id), UNIQUE (trial_id, objective), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_intermediate_values (trial_intermediate_value_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, step INTEGER NOT NULL,
  intermediate_value FLOAT, intermediate_value_type VARCHAR(7) NOT NULL, PRIMARY KEY (trial_intermediate_value_id), UNIQUE (trial_id, step),
  FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE trial_heartbeats (trial_heartbeat_id INTEGER NOT NULL, trial_id INTEGER NOT NULL, heartbeat DATETIME NOT NULL,
  PRIMARY KEY (trial_heartbeat_id), UNIQUE (trial_id), FOREIGN KEY(trial_id) REFERENCES trials (trial_id));
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('v3.2.0.a');
INSERT INTO version_info VALUES (1, 12, '3.2.0');
)sql";

/// As datetime.now() without a zone, which is what Optuna keeps.
std::optional<std::string> local_time(std::optional<double> wall) {
  if (!wall || !(std::fabs(*wall) < 1e11)) return std::nullopt;
  const auto seconds = static_cast<std::time_t>(std::floor(*wall));
  std::tm parts{};
  if (!localtime_r(&seconds, &parts)) return std::nullopt;
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  const double fraction = *wall - std::floor(*wall);
  return fmt::format("{}.{:06d}", text, std::min(999999, static_cast<int>(fraction * 1e6)));
}

const char* state_of(State state) {
  switch (state) {
    case State::completed:
      return "COMPLETE";
    case State::stopped:
      return "PRUNED";
    case State::running:
      return "RUNNING";
    case State::failed:
    case State::diverged:
    case State::infeasible:
      return "FAIL";
    default:
      return "WAITING";
  }
}

/// How Optuna describes a parameter, and the number by which it keeps a value.
class Distribution {
 public:
  Distribution(const ParamRecord& param, ExportNotes& notes) : name_(param.name) {
    const Json& d = param.definition;
    if (d.contains("choices")) {
      choices_ = d["choices"];
      text_ = dump("CategoricalDistribution", {{"choices", choices_}});
      return;
    }
    const bool whole = param.type == "int";
    double low = d.at("low").get<double>(), high = d.at("high").get<double>();
    const std::string scale = d.value("scale", "linear");
    const bool log = scale == "log";
    if (scale != "linear" && !log)
      notes.push_back(fmt::format("{}: scale {} is linear to Optuna", name_, scale));
    Json step = whole ? Json(1) : Json();
    if (d.contains("step") && log) {
      notes.push_back(fmt::format("{}: a log range has no step to Optuna", name_));
    } else if (d.contains("step")) {
      const double width = d["step"].get<double>();
      high = low + std::floor((high - low) / width + 1e-9) * width;
      step = whole ? Json(std::llround(width)) : Json(width);
    }
    Json attributes{{"step", step}, {"low", low}, {"high", high}, {"log", log}};
    if (whole) {
      attributes["low"] = std::llround(low);
      attributes["high"] = std::llround(high);
    }
    text_ = dump(whole ? "IntDistribution" : "FloatDistribution", attributes);
  }

  const std::string& text() const { return text_; }
  double internal(const Value& value) const {
    if (choices_.is_null()) return as_number(value);
    for (std::size_t i = 0; i < choices_.size(); ++i) {
      const Value choice = value_from_json(choices_[i]);
      const bool numbers = is_number(choice) && is_number(value) && choice.index() > 1;
      if (choice == value || (numbers && as_number(choice) == as_number(value)))
        return static_cast<double>(i);
    }
    fail<StoreError>("[export] {} is {}, which is no value of the study's", name_,
                     vernier::to_text(value));
  }

 private:
  static std::string dump(const char* name, const Json& attributes) {
    return Json{{"name", name}, {"attributes", attributes}}.dump();
  }
  std::string name_, text_;
  Json choices_;
};

class Writer {
 public:
  Writer(Connection& db, const Store& store, const StudyRecord& study, ExportNotes& notes)
      : db_(db), store_(store), study_(study) {
    for (const ParamRecord& param : study.params) params_.emplace_back(param, notes);
  }

  void write_study() {
    db_.run("INSERT INTO studies VALUES (1, ?)", study_.name);
    Json metrics = Json::array();
    for (std::size_t k = 0; k < study_.objectives.size(); ++k) {
      const auto& [metric, maximize] = study_.objectives[k];
      db_.run("INSERT INTO study_directions (direction, study_id, objective) VALUES (?, 1, ?)",
              maximize ? "MAXIMIZE" : "MINIMIZE", static_cast<int>(k));
      metrics.push_back(metric);
    }
    study_attribute("system", "study:metric_names", metrics);
    study_attribute("user", "vernier:spec", study_.spec);
    study_attribute("user", "vernier:seed", study_.seed);
    if (!study_.note.empty()) study_attribute("user", "note", study_.note);
  }

  void write_trial(const TrialRecord& trial) {
    const int id = ++trials_;
    std::string state = state_of(trial.state);
    std::vector<double> values = trial.objectives;
    if (study_.objectives.size() == 1) values = {trial.value.value_or(std::nan(""))};
    const bool whole =
        values.size() == study_.objectives.size() &&
        std::none_of(values.begin(), values.end(), [](double v) { return std::isnan(v); });
    if (state == "COMPLETE" && !whole) state = "FAIL";
    const bool ended = is_finished(trial.state);
    db_.run("INSERT INTO trials VALUES (?, ?, 1, ?, ?, ?)", id, id - 1, state,
            local_time(trial.started), ended ? local_time(trial.ended) : std::nullopt);
    write_params(id, trial);
    if (whole && (state == "COMPLETE" || (state == "PRUNED" && values.size() == 1)))
      for (std::size_t k = 0; k < values.size(); ++k)
        db_.run(
            "INSERT INTO trial_values (trial_id, objective, value, value_type) VALUES (?, ?, ?, ?)",
            id, static_cast<int>(k), finite(values[k]), type_of(values[k]));
    write_curve(id, trial);
    trial_attribute(id, "user", "vernier:number", trial.number);
    trial_attribute(id, "user", "vernier:state", to_text(trial.state));
    trial_attribute(id, "user", "seconds", trial.seconds);
    if (!trial.device.empty()) trial_attribute(id, "user", "device", trial.device);
    if (!trial.reason.empty()) trial_attribute(id, "user", "reason", trial.reason);
    if (!trial.note.empty()) trial_attribute(id, "user", "note", trial.note);
    if (!trial.tags.empty()) trial_attribute(id, "user", "tags", trial.tags);
  }

 private:
  static std::optional<double> finite(double value) {
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
  }
  static const char* type_of(double value) {
    return std::isfinite(value) ? "FINITE"
           : std::isnan(value)  ? "NAN"
           : value > 0          ? "INF_POS"
                                : "INF_NEG";
  }

  void write_params(int id, const TrialRecord& trial) {
    // One that never began is to Optuna a trial in a queue: its parameters are fixed, not suggested.
    if (trial.state == State::waiting && trial.steps == 0) {
      trial_attribute(id, "system", "fixed_params", to_json(trial.config));
      return;
    }
    for (std::size_t k = 0; k < study_.params.size(); ++k) {
      const Value* value = trial.config.find(study_.params[k].name);
      if (!value) continue;
      db_.run(
          "INSERT INTO trial_params (trial_id, param_name, param_value, distribution_json) VALUES "
          "(?, ?, ?, ?)",
          id, study_.params[k].name, params_[k].internal(*value), params_[k].text());
    }
  }

  /// The first objective's curve is what Optuna's pruners see; the other metrics' last values are attributes.
  void write_curve(int id, const TrialRecord& trial) {
    const auto curve = store_.curve(study_.id, trial.number);
    for (const Series& series : series_of(curve)) {
      if (study_.objectives.empty() || series.metric != study_.objectives.front().first) continue;
      for (std::size_t i = 0; i < series.steps.size(); ++i)
        db_.run(
            "INSERT INTO trial_intermediate_values (trial_id, step, intermediate_value, "
            "intermediate_value_type) VALUES (?, ?, ?, ?)",
            id, series.steps[i], finite(series.values[i]), type_of(series.values[i]));
      break;
    }
    for (const auto& [metric, value] : at_best_step(curve, trial))
      trial_attribute(id, "user", "metrics:" + metric, value);
  }

  void study_attribute(const char* kind, const std::string& key, const Json& value) {
    db_.run(
        fmt::format("INSERT INTO study_{}_attributes (study_id, \"key\", value_json) VALUES (1, "
                    "?, ?)",
                    kind),
        key, value.dump());
  }
  void trial_attribute(int id, const char* kind, const std::string& key, const Json& value) {
    db_.run(
        fmt::format("INSERT OR REPLACE INTO trial_{}_attributes (trial_id, \"key\", value_json) "
                    "VALUES (?, ?, ?)",
                    kind),
        id, key, value.dump());
  }

  Connection& db_;
  const Store& store_;
  const StudyRecord& study_;
  std::vector<Distribution> params_;
  int trials_ = 0;
};

}  // namespace

void export_optuna(const Store& store, const StudyRecord& study, const std::filesystem::path& to,
                   ExportNotes& notes) {
  Connection db(to, sqlite::Access::create, 0);
  db.run("BEGIN IMMEDIATE");
  db.execute(schema);
  Writer writer(db, store, study, notes);
  writer.write_study();
  const auto all = store.trials(study.id);
  std::size_t repeats = 0;
  for (const TrialRecord& trial : all) {
    if (trial.kind == "search") {
      writer.write_trial(trial);
    } else {
      ++repeats;
    }
  }
  if (repeats > 0)
    notes.push_back(fmt::format(
        "{} repeats with other seeds are left out: Optuna has search trials alone", repeats));
  db.run("COMMIT");
}

}  // namespace vernier::store
