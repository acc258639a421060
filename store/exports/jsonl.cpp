// A JSON object each trial, repeats too: what the CSV says, and the curves. NaN and infinities are null.
#include "core/file.h"
#include "store/exports/exports.h"
#include "store/exports/facts.h"

namespace vernier::store {

void export_jsonl(const Store& store, const StudyRecord& study, const std::filesystem::path& to,
                  ExportNotes&) {
  std::string text;
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(); };
  for (const TrialRecord& trial : store.trials(study.id)) {
    Json json{{"study", study.name},
              {"number", trial.number},
              {"state", to_text(trial.state)},
              {"value", optional(trial.value)}};
    if (study.objectives.size() > 1) {
      json["values"] = Json::object();
      for (std::size_t k = 0; k < study.objectives.size() && k < trial.objectives.size(); ++k)
        json["values"][study.objectives[k].first] = trial.objectives[k];
    }
    json["params"] = to_json(trial.config);
    json["steps"] = trial.steps;
    json["best_step"] = optional(trial.best_step);
    json["seconds"] = trial.seconds;
    json["kind"] = trial.kind;
    json["parent"] = optional(trial.parent);
    json["enqueued"] = trial.enqueued;
    json["seed"] = trial.seed;
    json["device"] = trial.device;
    json["started"] = optional(trial.started);
    json["ended"] = optional(trial.ended);
    json["reason"] = trial.reason;
    json["weights_hash"] = trial.weights_hash;
    json["note"] = trial.note;
    json["tags"] = trial.tags;
    json["curves"] = Json::object();
    for (const Series& series : series_of(store.curve(study.id, trial.number)))
      json["curves"][series.metric] = {{"steps", series.steps}, {"values", series.values}};
    text += json.dump() + "\n";
  }
  write_file_durably(to, std::as_bytes(std::span(text)));
}

}  // namespace vernier::store
