#include <fmt/ostream.h>

#include <ostream>

#include "cli/model_file.h"
#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "core/text.h"
#include "store/exports/exports.h"

namespace vernier::cli {

int export_study(const Invocation& invocation) {
  std::string forms;
  for (const auto& info : store::exports())
    forms += fmt::format("\n  {:<13}{}", info.name, info.summary);
  Options options("export STUDY --to FORM -o PATH [options]",
                  "Writes a study as other programs read it. FORM is" + forms +
                      "\n  safetensors  the best trial's weights (STUDY#N: that trial's), with a "
                      "Python file beside it");
  options.argument("STUDY", 1, 1)
      .value("to", "FORM", "csv, jsonl, tensorboard, optuna or safetensors")
      .value("output,o", "PATH", "the new file or folder")
      .database()
      .flag("force", "replace what is there");
  if (!options.parse(invocation)) return 0;
  const TrialName name = parse_trial_name(*options.text("STUDY"));
  const std::string form = options.text("to", "");
  std::vector<std::string> known{"safetensors"};
  for (const auto& info : store::exports()) known.push_back(info.name);
  if (form.empty()) fail<UsageError>("[export] no --to given{}", hint("", known));
  if (std::find(known.begin(), known.end(), form) == known.end())
    fail<UsageError>("[export] unknown form '{}'{}", printable(form), hint(form, known));
  if (!options.has("output")) fail<UsageError>("[export] no -o PATH given; expected a new one");
  const std::filesystem::path to = *options.text("output");
  const store::Store store = open_database(options);
  if (form == "safetensors") {
    TrialName trial = name;
    trial.best = trial.best || !trial.number;
    const int number = find_trial(store, trial).number;
    return write_model(invocation, run_options_of(options), name.study, number, to,
                       options.has("force"));
  }
  if (name.number || name.best)
    fail<UsageError>("[export] {} is a trial; expected a study with --to {}",
                     printable(*options.text("STUDY")), form);
  const store::StudyRecord study = store.study(name.study);
  for (const std::string& note : store::export_study(store, study, form, to, options.has("force")))
    fmt::print(invocation.err, "note: {}\n", note);
  fmt::print(invocation.err, "{} as {}: {}\n", study.name, form, to.string());
  return 0;
}

}  // namespace vernier::cli
