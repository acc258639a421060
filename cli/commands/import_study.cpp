#include <fmt/ostream.h>

#include <functional>
#include <ostream>

#include "cli/output.h"
#include "core/error.h"
#include "core/file.h"
#include "core/text.h"
#include "experiments/imports/imports.h"
#include "store/exports/exports.h"
#include "store/imports/merge.h"

namespace vernier::cli {
namespace {

using experiments::Imported;
using experiments::ImportOptions;

const std::vector<std::string> forms{"optuna", "csv", "wandb", "vernier"};

/// The option is for these forms alone.
void only_for(const Options& options, const char* name, const std::vector<std::string>& allowed) {
  const std::string form = options.text("from", "");
  if (options.has(name) && std::find(allowed.begin(), allowed.end(), form) == allowed.end())
    fail<UsageError>("[import] --{} beside --from {}; expected it with {}", name, form,
                     join(allowed, ", "));
}

/// -o, whose name is looked at before `make` does its work.
void write_file(const Options& options, const std::function<std::string()>& make) {
  store::write_new(*options.text("output"), options.has("force"),
                   [&](const std::filesystem::path& place) {
                     const std::string text = make();
                     write_file_durably(place, std::as_bytes(std::span(text)));
                   });
}

int merge_database(const Invocation& invocation, const Options& options,
                   const std::filesystem::path& path) {
  const auto done =
      store::merge(path, database_of(options), {options.list("study"), options.text("as")});
  for (const store::Merged& study : done) {
    fmt::print(invocation.err, "{}: {}{}\n", study.to,
               study.there ? std::string("is there already, equal in every trial")
                           : fmt::format("{} trials", study.trials),
               study.to == study.from ? "" : fmt::format(" (there: {})", study.from));
  }
  if (done.empty()) fmt::print(invocation.err, "{}: holds no study\n", path.string());
  return 0;
}

void report(const Invocation& invocation, const Options& options, const Imported& study) {
  for (const std::string& note : study.notes)
    fmt::print(invocation.err, "note: {}: {}\n", printable(study.from), printable(note));
  if (study.study.empty()) return;
  fmt::print(invocation.err, "{}: {} trials\n", study.study, study.trials);
  if (!study.yaml.empty() && !options.has("command"))
    fmt::print(
        invocation.err,
        "note: {0} has no program: it can be looked at, exported, and named in another study's "
        "warm_start; import it with --command 'python3 objective.py' to go on with it\n",
        study.study);
}

}  // namespace

int import_study(const Invocation& invocation) {
  Options options("import PATH --from FORM [options]",
                  "Takes in what other programs left. FORM is\n"
                  "  optuna   an SQLite file of Optuna: its studies, with their trials\n"
                  "  csv      a row each trial, its columns declared by --file\n"
                  "  wandb    a sweep file, which becomes a study file\n"
                  "  vernier  another database of Vernier, as it is");
  options.argument("PATH", 1, 1)
      .value("from", "FORM", "optuna, csv, wandb or vernier")
      .value("as", "NAME", "the study's name here")
      .values("study", "NAME", "optuna, vernier: this one alone (may be repeated)")
      .value("file", "STUDY.yaml", "csv, optuna: what the trials' parameters and metrics are")
      .value("command", "WORDS", "optuna, wandb: the program that goes on, in words")
      .value("max-steps", "N", "wandb: how long a whole run is")
      .values("ignore", "COLUMN", "csv: a column that means nothing (may be repeated)")
      .value("output,o", "FILE", "optuna, wandb: the study file that goes on (wandb: else printed)")
      .flag("force", "replace what is there")
      .database();
  if (!options.parse(invocation)) return 0;
  const std::filesystem::path path = *options.text("PATH");
  const std::string form = options.text("from", "");
  if (std::find(forms.begin(), forms.end(), form) == forms.end())
    fail<UsageError>(
        "[import] {}{}",
        form.empty() ? "no --from given" : fmt::format("unknown form '{}'", printable(form)),
        hint(form, forms));
  only_for(options, "study", {"optuna", "vernier"});
  only_for(options, "file", {"csv", "optuna"});
  only_for(options, "command", {"optuna", "wandb"});
  only_for(options, "max-steps", {"wandb"});
  only_for(options, "ignore", {"csv"});
  only_for(options, "output", {"optuna", "wandb"});
  if (options.has("output") && options.has("file"))
    fail<UsageError>("[import] -o beside --file, which is the study file already");
  if (form == "vernier") return merge_database(invocation, options, path);

  ImportOptions how;
  how.db = database_of(options);
  how.as = options.text("as");
  how.studies = options.list("study");
  how.one = options.has("output");
  if (const auto file = options.text("file")) how.file = *file;
  for (const std::string& word : split(options.text("command", ""), ' '))
    if (!word.empty()) how.command.push_back(word);
  how.ignored = options.list("ignore");
  if (const auto steps = options.integer("max-steps", 1, 1'000'000'000))
    how.max_steps = static_cast<int>(*steps);
  if (form == "csv") {
    report(invocation, options, experiments::import_csv(path, how));
    return 0;
  }
  if (form == "wandb") {
    const auto convert = [&] {
      const Imported sweep = experiments::import_wandb(path, how);
      for (const std::string& note : sweep.notes)
        fmt::print(invocation.err, "note: {}\n", printable(note));
      return sweep.yaml;
    };
    if (options.has("output")) {
      write_file(options, convert);
    } else {
      fmt::print(invocation.out, "{}", convert());
    }
    return 0;
  }
  const auto take_in = [&] {
    const auto studies = experiments::import_optuna(path, how);
    for (const Imported& study : studies) report(invocation, options, study);
    return studies.empty() ? std::string() : studies.front().yaml;
  };
  if (options.has("output")) {
    write_file(options, take_in);
  } else {
    (void)take_in();
  }
  return 0;
}

}  // namespace vernier::cli
