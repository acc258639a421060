#include <algorithm>
#include <cmath>
#include <set>

#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "engine/data/csv_table.h"
#include "experiments/imports/finished_trials.h"
#include "experiments/imports/imports.h"
#include "store/exports/csv_cell.h"

namespace vernier::experiments {
namespace {

/// What export_csv writes beside parameters and metrics.
const std::vector<std::string> own{"number",  "state",   "value",  "steps",    "best_step",
                                   "seconds", "kind",    "parent", "enqueued", "seed",
                                   "device",  "started", "ended",  "reason",   "weights_hash",
                                   "note",    "tags"};

class Import {
 public:
  Import(const std::filesystem::path& path, const ImportOptions& options)
      : name_(path.string()),
        options_(options),
        table_(engine::parse_csv(read_text(path), name_)),
        spec_(load_spec(*options.file)),
        space_(spec_.space()) {
    if (options.as) {
      spec_.study = study_name(*options.as);
      spec_.json["study"] = spec_.study;
    }
  }

  Imported run() {
    find_columns();
    std::vector<FinishedTrial> trials;
    std::set<int> numbers;
    int repeats = 0;
    for (row_ = 0; row_ < table_.rows.size(); ++row_) {
      if (const std::string kind = cell("kind"); !kind.empty() && kind != "search") {
        ++repeats;
        continue;
      }
      trials.push_back(trial());
      if (!numbers.insert(trials.back().trial.number).second)
        refuse("number", "a number that no other row has");
    }
    std::sort(trials.begin(), trials.end(),
              [](const auto& a, const auto& b) { return a.trial.number < b.trial.number; });
    if (trials.empty()) fail<UsageError>("[{}] no rows; expected a trial each", name_);
    add_study(options_.db, spec_, trials, name_);
    Imported imported{name_, spec_.study, "", static_cast<int>(trials.size()), {}};
    if (repeats > 0)
      imported.notes.push_back(
          fmt::format("{} rows of another kind than search were left out", repeats));
    return imported;
  }

 private:
  void find_columns() {
    std::vector<std::string> known = own;
    std::set<std::string> accepted(own.begin(), own.end());
    for (const search::Parameter& parameter : space_.parameters()) {
      known.push_back(parameter.name);
      accepted.insert({parameter.name, "params_" + parameter.name});
    }
    for (const MetricSpec& metric : spec_.metrics) {
      known.push_back(metric.name);
      accepted.insert({metric.name, "values_" + metric.name});
    }
    for (const std::string& column : table_.header) {
      const bool ignored = std::find(options_.ignored.begin(), options_.ignored.end(), column) !=
                           options_.ignored.end();
      if (ignored || accepted.contains(column) || column.starts_with("metrics_")) continue;
      fail<UsageError>(
          "[{}:1] column '{}' is neither a parameter nor a metric of {}{}; or --ignore it", name_,
          printable(column), options_.file->string(), hint(column, known));
    }
    for (const search::Parameter& parameter : space_.parameters())
      if (column_of(parameter) < 0 && !parameter.condition)
        fail<UsageError>("[{}:1] no column '{}' or 'params_{}'; expected one a parameter", name_,
                         parameter.name, parameter.name);
    for (const MetricSpec& metric : spec_.metrics) {
      int column = index("values_" + metric.name);
      if (column < 0) column = index(metric.name);
      if (column < 0 && columns_.empty()) column = index("value");
      if (column < 0)
        fail<UsageError>("[{}:1] no column '{}'; expected one a metric", name_, metric.name);
      columns_.push_back(column);
    }
  }

  int index(const std::string& column) const {
    const auto at = std::find(table_.header.begin(), table_.header.end(), column);
    return at == table_.header.end() ? -1 : static_cast<int>(at - table_.header.begin());
  }
  int column_of(const search::Parameter& parameter) const {
    const int prefixed = index("params_" + parameter.name);
    return prefixed >= 0 ? prefixed : index(parameter.name);
  }
  std::string cell(int column) const {
    return column < 0 ? std::string() : table_.rows[row_][static_cast<std::size_t>(column)];
  }
  std::string cell(const std::string& column) const { return cell(index(column)); }

  [[noreturn]] void refuse(const std::string& column, const std::string& expected) const {
    refuse(index(column), expected);
  }
  [[noreturn]] void refuse(int column, const std::string& expected) const {
    const auto at = static_cast<std::size_t>(column);
    fail<UsageError>("[{}:{}] [{}] found '{}'; expected {}", name_, table_.lines[row_],
                     printable(table_.header[at]), printable(table_.rows[row_][at].substr(0, 60)),
                     expected);
  }

  std::optional<double> number(int column, bool finite) const {
    const std::string text = cell(column);
    if (text.empty()) return std::nullopt;
    const auto value = parse_double(text);
    if (!value || (finite && !std::isfinite(*value))) refuse(column, "a number");
    return value;
  }
  std::optional<int> whole(const std::string& column) const {
    const auto value = number(index(column), true);
    if (!value) return std::nullopt;
    if (*value < 0 || *value > 100'000'000 || *value != std::floor(*value))
      refuse(column, "a whole number from 0 to 100000000");
    return static_cast<int>(*value);
  }

  std::optional<Value> value_of(const search::Parameter& parameter) const {
    const int column = column_of(parameter);
    const std::string text = cell(column);
    if (text.empty()) return std::nullopt;
    if (parameter.choices.empty()) return *number(column, true);
    std::vector<std::string> names;
    for (const Value& choice : parameter.choices) {
      names.push_back(to_text(choice));
      if (names.back() == store::plain_text(text)) return choice;
    }
    const auto as_number_text = parse_double(text);
    for (const Value& choice : parameter.choices) {
      if (std::holds_alternative<bool>(choice)) {  // as pandas writes it
        if (text == (std::get<bool>(choice) ? "True" : "False")) return choice;
      } else if (is_number(choice) && as_number_text && as_number(choice) == *as_number_text) {
        return choice;
      }
    }
    refuse(column, "one of " + join(names, ", "));
  }

  FinishedTrial trial() const {
    FinishedTrial made;
    made.trial.number = whole("number").value_or(static_cast<int>(row_) + 1);
    Config config;
    for (const search::Parameter& parameter : space_.parameters())
      if (const auto value = value_of(parameter)) config.set(parameter.name, *value);
    try {
      made.trial.config = space_.canonical(config);
    } catch (const UsageError& error) {
      fail<UsageError>("[{}:{}] {}", name_, table_.lines[row_], error.what());
    }
    read_values(made);
    made.run.seconds = number(index("seconds"), true).value_or(0);
    made.run.started = number(index("started"), true);
    made.run.ended = number(index("ended"), true);
    made.run.device = store::plain_text(cell("device"));
    made.note = store::plain_text(cell("note"));
    return made;
  }

  void read_values(FinishedTrial& made) const {
    std::vector<double> values;
    for (const int column : columns_)
      if (const auto value = number(column, false)) values.push_back(*value);
    const bool all =
        values.size() == spec_.metrics.size() &&
        std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
    made.end.state = all ? store::State::completed : store::State::failed;
    if (const std::string state = cell("state"); !state.empty()) {
      static const std::vector<std::string> ends{"completed", "stopped", "failed", "diverged",
                                                 "infeasible"};
      if (std::find(ends.begin(), ends.end(), state) == ends.end())
        refuse("state", "one of " + join(ends, ", "));
      made.end.state = store::state_from_text(state);
      if (made.end.state == store::State::completed && !all)
        refuse("state", "a number as value of a completed trial");
    }
    made.end.reason = store::plain_text(cell("reason"));
    if (made.end.reason.empty() && !all) made.end.reason = "no value";
    const int step = std::max(1, whole("steps").value_or(1));
    if (values.size() == spec_.metrics.size()) {
      if (all) made.end.value = values.front();
      if (all && values.size() > 1) made.end.objectives = values;
      for (std::size_t k = 0; k < values.size(); ++k)
        made.curves.push_back({spec_.metrics[k].name, false, {step}, {values[k]}});
      made.end.best_step = step;
    }
  }

  std::string name_;
  const ImportOptions& options_;
  engine::CsvTable table_;
  Spec spec_;
  search::Space space_;
  std::vector<int> columns_;  // of the metrics
  std::size_t row_ = 0;
};

}  // namespace

Imported import_csv(const std::filesystem::path& path, const ImportOptions& options) {
  if (!options.file)
    fail<UsageError>(
        "[import] no --file given; expected a study file whose parameters and metric declare the "
        "columns of {}",
        path.string());
  return Import(path, options).run();
}

}  // namespace vernier::experiments
