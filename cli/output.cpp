#include "cli/output.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>

#include "core/error.h"
#include "core/text.h"

namespace vernier::cli {

std::filesystem::path database_of(const Options& options) {
  return options.text("db", "vernier.db");
}

store::Store open_database(const Options& options) {
  const std::filesystem::path file = database_of(options);
  if (!std::filesystem::exists(file)) {
    fail<StoreError>(
        "[{}] no such database; `vernier run STUDY.yaml` makes one, --db names another",
        file.string());
  }
  return store::Store::open(file, store::Mode::read);
}

std::vector<std::filesystem::path> data_dirs() {
  std::vector<std::filesystem::path> dirs;
  if (const char* listed = std::getenv("VERNIER_DATA")) {
    for (const std::string& dir : split(listed, ':')) {
      if (!dir.empty()) dirs.emplace_back(dir);
    }
  }
  if (const char* home = std::getenv("HOME"))
    dirs.emplace_back(std::filesystem::path(home) / ".local/share/vernier");
  return dirs;
}

std::string wall_text(double wall) {
  const auto seconds = static_cast<std::time_t>(wall);
  std::tm parts{};
  localtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

Json trial_json(const store::TrialRecord& trial) {
  Json json{{"number", trial.number}, {"state", store::to_text(trial.state)}};
  json["value"] = trial.value ? Json(*trial.value) : Json(nullptr);
  json["params"] = to_json(trial.config);
  json["steps"] = trial.steps;
  json["seconds"] = trial.seconds;
  if (!trial.reason.empty()) json["reason"] = trial.reason;
  if (!trial.device.empty()) json["device"] = trial.device;
  if (!trial.weights_hash.empty()) json["weights_hash"] = trial.weights_hash;
  if (!trial.tags.empty()) json["tags"] = trial.tags;
  if (!trial.note.empty()) json["note"] = trial.note;
  return json;
}

namespace {

// The last dotted part where no other parameter ends alike.
std::string short_name(const std::string& name, const std::vector<store::ParamRecord>& params) {
  const std::string tail = name.substr(name.rfind('.') + 1);
  const auto alike =
      std::count_if(params.begin(), params.end(), [&](const store::ParamRecord& other) {
        return other.name.substr(other.name.rfind('.') + 1) == tail;
      });
  return alike == 1 ? tail : name;
}

}  // namespace

store::Table trial_table(const store::StudyRecord& study,
                         const std::vector<store::TrialRecord>& trials, bool full_names) {
  store::Table table;
  table.columns = {"#", study.objectives.empty() ? "value" : study.objectives.front().first};
  for (const auto& param : study.params) {
    table.columns.push_back(full_names ? param.name : short_name(param.name, study.params));
  }
  for (const char* name : {"steps", "seconds", "state"}) table.columns.emplace_back(name);
  for (const store::TrialRecord& trial : trials) {
    auto& row = table.rows.emplace_back();
    row.emplace_back(std::int64_t{trial.number});
    row.push_back(trial.value ? Value(*trial.value) : Value());
    for (const auto& param : study.params) {
      const Value* value = trial.config.find(param.name);
      row.push_back(value != nullptr ? *value : Value());
    }
    row.emplace_back(std::int64_t{trial.steps});
    row.emplace_back(trial.seconds);
    row.emplace_back(std::string(store::to_text(trial.state)));
  }
  return table;
}

std::vector<store::TrialRecord> top_trials(const store::Store& store,
                                           const store::StudyRecord& study, int n,
                                           const std::string& where, const std::string& sort) {
  const store::Table ranking = store::top(store.file(), study.name, n, where, sort);
  std::size_t column = 0;
  while (column < ranking.columns.size() && ranking.columns[column] != "number") ++column;
  std::vector<store::TrialRecord> trials;
  for (const auto& row : ranking.rows)
    trials.push_back(store.trial(study.id, static_cast<int>(as_number(row.at(column)))));
  return trials;
}

}  // namespace vernier::cli
