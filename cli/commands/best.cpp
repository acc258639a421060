#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/terminal/table.h"
#include "core/error.h"
#include "core/text.h"
#include "experiments/study/best_yaml.h"

namespace vernier::cli {

int best(const Invocation& invocation) {
  Options options("best STUDY [options]", "The winner of a study.");
  options.argument("STUDY", 1, 1).database().json();
  options.flag("yaml", "a study file that trains it again")
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
  engine::Metrics test;
  if (options.has("test"))
    test = experiments::test_trial(run_options_of(options), name, winner.number, stderr_log());
  if (options.has("json")) {
    Json json = trial_json(winner);
    for (const auto& [metric, value] : test) json["test"][metric] = value;
    fmt::print(invocation.out, "{}\n", Json{{"study", name}, {"best", json}}.dump());
    return 0;
  }
  print_table(invocation.out, trial_table(study, trials), terminal_of(1));
  for (const auto& [metric, value] : test)
    fmt::print(invocation.out, "{} {}\n", metric, format_number(value, 5));
  const std::string db = options.text("db") ? " --db " + *options.text("db") : "";
  fmt::print(invocation.err, "train it again: vernier rerun {}#{}{}\n", name, winner.number, db);
  return 0;
}

}  // namespace vernier::cli
