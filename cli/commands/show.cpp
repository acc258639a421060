#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/chart.h"
#include "cli/terminal/table.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

// "0.001 .. 1 log", "[32, 64, 128]": the definition of a parameter in a few words.
std::string range_text(const store::ParamRecord& param) {
  const Json& d = param.definition;
  const auto number = [](const Json& value) {
    return value.is_number() ? format_number(value.get<double>()) : value.dump();
  };
  std::string text;
  if (d.contains("choices") && !d["choices"].empty()) {
    text = d["choices"].dump();
  } else if (d.contains("low") && d.contains("high")) {
    text = number(d["low"]) + " .. " + number(d["high"]);
  }
  if (const std::string scale = d.value("scale", "linear"); scale != "linear") text += " " + scale;
  if (d.contains("step") && d["step"].is_number()) text += " step " + number(d["step"]);
  if (d.contains("when") && d["when"].is_string()) text += " when " + d["when"].get<std::string>();
  return text;
}

struct Progress {
  std::map<std::string, int> states;
  std::vector<double> values, best_so_far;  // of finished trials, NaN without a value
  double seconds = 0;
};

Progress progress_of(const store::Store& store, const store::StudyRecord& study) {
  Progress progress;
  const bool maximize = !study.objectives.empty() && study.objectives.front().second;
  for (const store::TrialRecord& trial : store.trials(study.id)) {
    if (trial.kind != "search") continue;
    ++progress.states[std::string(store::to_text(trial.state))];
    progress.seconds += trial.seconds;
    if (!store::is_finished(trial.state)) continue;
    const double value = trial.value.value_or(std::nan(""));
    double best = progress.best_so_far.empty() ? std::nan("") : progress.best_so_far.back();
    if (trial.state == store::State::completed && trial.value &&
        !(maximize ? best >= value : best <= value))
      best = value;
    progress.values.push_back(value);
    progress.best_so_far.push_back(best);
  }
  return progress;
}

}  // namespace

int show(const Invocation& invocation) {
  Options options("show STUDY [options]",
                  "One study: what is searched, how far it is, what it found.");
  if (!options.argument("STUDY", 1, 1)
           .database()
           .json()
           .flag("spec", "print the study file as it was written")
           .parse(invocation))
    return 0;
  const store::Store store = open_database(options);
  const store::StudyRecord study = store.study(*options.text("STUDY"));
  std::ostream& out = invocation.out;
  if (options.has("spec")) {
    fmt::print(out, "{}", study.spec_text);
    return 0;
  }
  const Progress progress = progress_of(store, study);
  const auto best = top_trials(store, study, 3, "", "");
  if (options.has("json")) {
    Json params = Json::array(), trials = Json::array();
    for (const auto& p : study.params)
      params.push_back({{"name", p.name}, {"type", p.type}, {"definition", p.definition}});
    for (const auto& trial : best) trials.push_back(trial_json(trial));
    const Json json{{"study", study.name},
                    {"note", study.note},
                    {"state", study.state},
                    {"planned", study.trials},
                    {"states", progress.states},
                    {"seconds", progress.seconds},
                    {"sampler", study.sampler},
                    {"strategy", study.strategy},
                    {"seed", study.seed},
                    {"created", study.created},
                    {"spec_hash", study.spec_hash},
                    {"code_version", study.code_version},
                    {"parameters", params},
                    {"best", trials},
                    {"spec", study.spec}};
    fmt::print(out, "{}\n", json.dump());
    return 0;
  }
  const Terminal terminal = terminal_of(1);
  fmt::print(out, "{}  {}\n", paint(printable(study.name), Paint::bold, terminal.colour),
             printable(study.note));
  std::string states;
  for (const auto& [state, count] : progress.states)
    states += fmt::format("{}{} {}", states.empty() ? "" : ", ", count, state);
  fmt::print(out, "{}: {} of {} trials; {} of training; made {}\n", study.state,
             states.empty() ? "none" : states, study.trials, format_duration(progress.seconds),
             wall_text(study.created));
  fmt::print(out, "sampler {}, strategy {}, seed {}, spec {}\n\n", study.sampler, study.strategy,
             study.seed, study.spec_hash);
  if (study.spec.contains("spaces"))
    fmt::print(out, "space: version {}, since #{}\n\n", study.spec["spaces"].size() + 1,
               study.spec["spaces"].back().value("trials", 0) + 1);
  store::Table table{{"parameter", "type", "range"}, {}};
  for (const auto& param : study.params)
    table.rows.push_back({param.name, param.type, range_text(param)});
  if (!table.rows.empty()) print_table(out, table, terminal);
  const auto drawn = chart(
      progress.values, progress.best_so_far,
      {std::clamp(terminal.width - 16, 10, 100), terminal.height >= 40 ? 10 : 6}, terminal.colour);
  if (!drawn.empty()) {
    fmt::print(out, "\n{} of each trial, and the best so far ({})\n",
               study.objectives.empty() ? "value" : printable(study.objectives.front().first),
               format_number(progress.best_so_far.back(), 5));
    for (const std::string& line : drawn) fmt::print(out, "{}\n", line);
  }
  if (!best.empty()) {
    fmt::print(out, "\n");
    print_table(out, trial_table(study, best), terminal);
  }
  for (const store::Event& event : store.events(study.id)) {
    if (event.kind == "note") fmt::print(out, "note: {}\n", printable(event.text));
  }
  return 0;
}

}  // namespace vernier::cli
