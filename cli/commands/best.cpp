#include <fmt/ostream.h>

#include <ostream>

#include "cli/model_file.h"
#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/text.h"
#include "experiments/study/best_yaml.h"
#include "reports/analysis/certainty.h"

namespace vernier::cli {
namespace {

std::string interval(const reports::MeanInterval& repeats) {
  return fmt::format("{} +- {} (95 % interval, n = {})", format_number(repeats.mean, 5),
                     format_number(repeats.half_width, 2), repeats.n);
}

Json json_of(const reports::MeanInterval& repeats) {
  return {{"n", repeats.n}, {"mean", repeats.mean}, {"half_width_95", repeats.half_width}};
}

/// What other seeds say of the winner, and who is no worse for certain.
void add_certainty(const reports::StudyData& data, Json& json) {
  const reports::Certainty sure = reports::certainty(data);
  if (sure.repeats) json["repeats"] = json_of(*sure.repeats);
  json["runners_up"] = Json::array();
  for (const auto& runner : sure.runners_up) {
    Json row{{"number", data.trials[runner.trial].number},
             {"behind", runner.behind},
             {"within_noise", runner.within_noise}};
    if (runner.repeats) row["repeats"] = json_of(*runner.repeats);
    json["runners_up"].push_back(row);
  }
}

void print_certainty(std::ostream& out, const reports::StudyData& data) {
  const reports::Certainty sure = reports::certainty(data);
  if (sure.repeats) fmt::print(out, "with other seeds: mean {}\n", interval(*sure.repeats));
  for (const auto& runner : sure.runners_up) {
    if (!runner.within_noise) continue;
    fmt::print(out, "within noise: #{}, {} behind{}\n", data.trials[runner.trial].number,
               format_number(runner.behind, 3),
               runner.repeats ? "; mean " + interval(*runner.repeats) : "");
  }
}

}  // namespace

int best(const Invocation& invocation) {
  Options options(
      "best STUDY [options]",
      "The winner of a study, what repeats say of it, and which others are within the noise.");
  options.argument("STUDY", 1, 1).database().json();
  options.flag("yaml", "a study file that trains it again")
      .value("export", "FILE", "its weights as safetensors, and the Python that loads them")
      .flag("force", "replace what is there")
      .flag("test", "measure it on the test part (the report counts how often)");
  if (!options.parse(invocation)) return 0;
  const std::string name = *options.text("STUDY");
  const store::Store store = open_database(options);
  const store::StudyRecord study = store.study(name);
  const auto trials = top_trials(store, study, 1, "", "");
  if (trials.empty()) fail<NotFoundError>("study '{}' has no successful trial yet", name);
  const store::TrialRecord& winner = trials.front();
  if (options.has("yaml")) {
    fmt::print(invocation.out, "{}",
               experiments::best_yaml(experiments::spec_from_json(study.spec), winner.config,
                                      winner.number));
    return 0;
  }
  if (const auto to = options.text("export"))
    return write_model(invocation, run_options_of(options), name, winner.number, *to,
                       options.has("force"));
  engine::Metrics test;
  if (options.has("test"))
    test = experiments::test_trial(run_options_of(options), name, winner.number, stderr_log());
  if (options.has("json")) {
    Json json = trial_json(winner);
    for (const auto& [metric, value] : test) json["test"][metric] = value;
    Json document{{"study", name}, {"best", json}};
    add_certainty(reports::load_study(store, name), document);
    fmt::print(invocation.out, "{}\n", document.dump());
    return 0;
  }
  print_table(invocation.out, trial_table(study, trials), terminal_of(1));
  for (const auto& [metric, value] : test)
    fmt::print(invocation.out, "{} {}\n", metric, format_number(value, 5));
  print_certainty(invocation.out, reports::load_study(store, name));
  const std::string db = options.text("db") ? " --db " + *options.text("db") : "";
  fmt::print(invocation.err, "train it again: vernier rerun {}#{}{}\n", name, winner.number, db);
  return 0;
}

}  // namespace vernier::cli
