// A row each trial, repeats too. Columns: number, state, value; values_METRIC where there are several objectives; params_NAME; metrics_NAME (its value at
// the trial's best step); then how it ran.
#include <algorithm>
#include <cmath>
#include <map>

#include "core/file.h"
#include "store/exports/csv_cell.h"
#include "store/exports/exports.h"
#include "store/exports/facts.h"

namespace vernier::store {
namespace {

Value maybe(const auto& value) {
  using Held = std::decay_t<decltype(*value)>;
  if (!value) return {};
  if constexpr (std::is_same_v<Held, double>) {
    return *value;
  } else {
    return std::int64_t{*value};
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// Not-a-number and missing are both an empty cell: what reads numbers reads no words.
void add_line(std::string& into, const std::vector<Value>& cells) {
  for (std::size_t c = 0; c < cells.size(); ++c) {
    const double* number = std::get_if<double>(&cells[c]);
    into += (c ? "," : "") + csv_cell(number && std::isnan(*number) ? Value() : cells[c]);
  }
  into += "\r\n";
}

}  // namespace

void export_csv(const Store& store, const StudyRecord& study, const std::filesystem::path& to,
                ExportNotes&) {
  const std::vector<TrialRecord> trials = store.trials(study.id);
  const bool several = study.objectives.size() > 1;
  std::vector<NamedValues> measured;
  std::vector<std::string> metrics;
  for (const TrialRecord& trial : trials) {
    measured.push_back(at_best_step(store.curve(study.id, trial.number), trial));
    for (const auto& [name, value] : measured.back())
      if (std::find(metrics.begin(), metrics.end(), name) == metrics.end()) metrics.push_back(name);
  }

  std::vector<Value> header{"number", "state", "value"};
  if (several)
    for (const auto& objective : study.objectives) header.emplace_back("values_" + objective.first);
  for (const ParamRecord& param : study.params) header.emplace_back("params_" + param.name);
  for (const std::string& metric : metrics) header.emplace_back("metrics_" + metric);
  for (const char* name : {"steps", "best_step", "seconds", "kind", "parent", "enqueued", "seed",
                           "device", "started", "ended", "reason", "weights_hash", "note", "tags"})
    header.emplace_back(name);

  std::string text;
  add_line(text, header);
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const TrialRecord& trial = trials[i];
    std::vector<Value> cells{std::int64_t{trial.number}, std::string(to_text(trial.state)),
                             maybe(trial.value)};
    for (std::size_t k = 0; several && k < study.objectives.size(); ++k)
      cells.push_back(k < trial.objectives.size() ? Value(trial.objectives[k]) : Value());
    for (const ParamRecord& param : study.params) {
      const Value* value = trial.config.find(param.name);
      cells.push_back(value ? *value : Value());
    }
    const std::map<std::string, double> known(measured[i].begin(), measured[i].end());
    for (const std::string& metric : metrics)
      cells.push_back(known.contains(metric) ? Value(known.at(metric)) : Value());
    const auto text_or_none = [](const std::string& t) { return t.empty() ? Value() : Value(t); };
    // A seed has 64 bits, which a number of a spreadsheet has not: as text it stays what it is.
    const std::vector<Value> ran{std::int64_t{trial.steps},
                                 maybe(trial.best_step),
                                 trial.seconds,
                                 trial.kind,
                                 maybe(trial.parent),
                                 trial.enqueued,
                                 std::to_string(trial.seed),
                                 text_or_none(trial.device),
                                 maybe(trial.started),
                                 maybe(trial.ended),
                                 text_or_none(trial.reason),
                                 text_or_none(trial.weights_hash),
                                 text_or_none(trial.note),
                                 text_or_none(joined(trial.tags))};
    cells.insert(cells.end(), ran.begin(), ran.end());
    add_line(text, cells);
  }
  write_file_durably(to, std::as_bytes(std::span(text)));
}

}  // namespace vernier::store
