#include <fmt/ostream.h>

#include <cmath>
#include <limits>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/sparkline.h"
#include "cli/terminal/table.h"
#include "cli/trial_name.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

store::Table curve_table(const std::vector<store::StepRow>& rows) {
  store::Table table{{"step"}, {}};
  for (const auto& row : rows) {
    for (const auto* part : {&row.results, &row.timings}) {
      for (const auto& [name, value] : *part) {
        if (std::find(table.columns.begin(), table.columns.end(), name) == table.columns.end())
          table.columns.push_back(name);
      }
    }
  }
  for (const auto& row : rows) {
    std::vector<Value> cells(table.columns.size());
    cells[0] = std::int64_t{row.step};
    for (const auto* part : {&row.results, &row.timings}) {
      for (const auto& [name, value] : *part) {
        const auto column =
            std::find(table.columns.begin(), table.columns.end(), name) - table.columns.begin();
        cells[static_cast<std::size_t>(column)] = value;
      }
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

void print_charts(std::ostream& out, const store::Table& curve, int width) {
  for (std::size_t c = 1; c < curve.columns.size(); ++c) {
    std::vector<double> values;
    for (const auto& row : curve.rows) values.push_back(as_number(row[c]));
    fmt::print(out, "{:<20} {}  {}\n", printable(curve.columns[c]), sparkline(values, width),
               format_number(values.back(), 5));
  }
}

/// What train.record left: name and kind, and of which steps.
Json recorded_json(const std::vector<store::Artifact>& artifacts) {
  Json list = Json::array();
  for (const store::Artifact& artifact : artifacts) {
    if (artifact.kind == "log") continue;
    const auto known = std::find_if(list.begin(), list.end(), [&](const Json& each) {
      return each["name"] == artifact.name && each["kind"] == artifact.kind;
    });
    if (known != list.end()) {
      (*known)["steps"].push_back(artifact.step);
    } else {
      list.push_back(
          {{"name", artifact.name}, {"kind", artifact.kind}, {"steps", {artifact.step}}});
    }
  }
  return list;
}

void print_recorded(std::ostream& out, const std::vector<store::Artifact>& artifacts) {
  const Json list = recorded_json(artifacts);
  if (list.empty()) return;
  fmt::print(out, "\nrecorded (vernier report --trial draws it):\n");
  for (const Json& each : list)
    fmt::print(out, "  {} ({}) of {} step{}\n", printable(each["name"].get<std::string>()),
               printable(each["kind"].get<std::string>()), each["steps"].size(),
               each["steps"].size() == 1 ? "" : "s");
}

}  // namespace

int trial(const Invocation& invocation) {
  Options options("trial STUDY#N [options]", "One trial with its settings and curves.");
  options.argument("TRIAL", 1, 1)
      .database()
      .json()
      .flag("csv", "the curves as CSV")
      .flag("curves", "the curves as a table");
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  const TrialName name = parse_trial_name(*options.text("TRIAL"));
  const store::TrialRecord record = find_trial(store, name);
  const store::StudyRecord study = store.study(name.study);
  const store::Table curve = curve_table(store.curve(study.id, record.number));
  const std::vector<store::Artifact> artifacts = store.artifacts(study.id, record.number);
  std::ostream& out = invocation.out;
  if (options.has("json")) {
    Json json = trial_json(record);
    json["study"] = study.name;
    json["kind"] = record.kind;
    json["seed"] = record.seed;
    json["best_step"] = record.best_step ? Json(*record.best_step) : Json(nullptr);
    json["device_kind"] = record.device_kind;
    json["curves"] = table_json(curve);
    json["recorded"] = recorded_json(artifacts);
    fmt::print(out, "{}\n", json.dump());
    return 0;
  }
  if (options.has("csv")) {
    print_csv(out, curve);
    return 0;
  }
  const Terminal terminal = terminal_of(1);
  fmt::print(out, "{}#{}  {}{}\n", paint(printable(study.name), Paint::bold, terminal.colour),
             record.number, store::to_text(record.state),
             record.reason.empty() ? "" : ": " + printable(record.reason));
  if (record.value) {
    fmt::print(out, "{} {}{}\n",
               study.objectives.empty() ? "value" : printable(study.objectives.front().first),
               format_number(*record.value, 6),
               record.best_step ? fmt::format(" at step {}", *record.best_step) : "");
  }
  fmt::print(
      out, "{} steps in {}{}{}\n", record.steps, format_duration(record.seconds),
      record.device.empty() ? "" : fmt::format(" on {} ({})", record.device, record.device_kind),
      record.started ? ", started " + wall_text(*record.started) : "");
  if (!record.tags.empty()) fmt::print(out, "tags: {}\n", printable(join(record.tags, ", ")));
  if (!record.note.empty()) fmt::print(out, "note: {}\n", printable(record.note));
  fmt::print(out, "\n");
  store::Table settings{{"parameter", "value"}, {}};
  for (const auto& [parameter, value] : record.config) settings.rows.push_back({parameter, value});
  if (!settings.rows.empty()) print_table(out, settings, terminal);
  fmt::print(out, "\n");
  if (options.has("curves")) {
    print_table(out, curve, terminal);
  } else if (!curve.rows.empty()) {
    print_charts(out, curve, std::max(10, terminal.width - 40));
  }
  print_recorded(out, artifacts);
  for (const store::Artifact& artifact : artifacts) {
    if (artifact.kind == "log" && !artifact.blob.empty()) {
      fmt::print(out, "\nlog:\n");
      for (const std::string& line : split(artifact.blob, '\n'))
        fmt::print(out, "  {}\n", printable(line));
    }
  }
  return 0;
}

}  // namespace vernier::cli
