#include "store/verify.h"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "cli/study_options.h"
#include "cli/trial_name.h"
#include "core/error.h"
#include "core/text.h"
#include "experiments/scheduler/run.h"

namespace vernier::cli {
namespace {

struct Replay {
  std::string trial;    // STUDY#N; empty: none was to be had
  std::string outcome;  // "equal", the first difference, or why it could not be done
  bool differs = false;
};

/// The quickest completed trial that the engine trained.
std::string quickest(const store::Store& store) {
  std::string name;
  double least = 0;
  for (const store::StudyRecord& study : store.studies()) {
    if (study.spec.contains("objective")) continue;
    for (const store::TrialRecord& trial : store.trials(study.id)) {
      if (trial.state != store::State::completed || trial.steps == 0) continue;
      if (!name.empty() && trial.seconds >= least) continue;
      least = trial.seconds;
      name = fmt::format("{}#{}", study.name, trial.number);
    }
  }
  return name;
}

Replay replay(const Options& options) {
  Replay result;
  const bool asked = options.text("replay").has_value();
  try {
    const store::Store store = open_database(options);
    result.trial = asked ? *options.text("replay") : quickest(store);
    if (result.trial.empty()) return result;
    const TrialName name = parse_trial_name(result.trial);
    const int number = find_trial(store, name).number;
    const auto report =
        experiments::rerun_trial(run_options_of(options), name.study, number, false, stderr_log());
    result.differs = !report.equal;
    result.outcome = report.equal ? "equal" : "different: " + report.difference;
  } catch (const Error& error) {
    if (asked) throw;
    result.outcome = std::string("not possible: ") + error.what();
  }
  return result;
}

Json findings_json(const std::vector<store::Finding>& findings) {
  Json list = Json::array();
  for (const store::Finding& finding : findings)
    list.push_back({{"where", finding.where}, {"what", finding.what}});
  return list;
}

void print_findings(std::ostream& out, const std::vector<store::Finding>& findings) {
  for (const store::Finding& finding : findings)
    fmt::print(out, "{}: {}\n", finding.where.empty() ? "database" : finding.where, finding.what);
}

int recover(const Invocation& invocation, const Options& options) {
  const auto to = *options.text("recover");
  const store::RecoverReport report = store::recover(database_of(options), to);
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n",
               Json{{"recovered", to},
                    {"studies", report.studies},
                    {"trials", report.trials},
                    {"lost", findings_json(report.lost)}}
                   .dump());
    return 0;
  }
  print_findings(invocation.out, report.lost);
  fmt::print(invocation.out, "{}: {} studies and {} trials; {} things lost or made again\n", to,
             report.studies, report.trials, report.lost.size());
  return 0;
}

}  // namespace

int verify(const Invocation& invocation) {
  Options options(
      "verify [options]",
      "Reads the whole database: SQLite's structure, the checksum of every chunk, step, "
      "checkpoint and row; then trains one trial again and compares it bit for bit.\n"
      "Exit code 1 where anything is damaged or differs.");
  options.database().json();
  options.value("replay", "STUDY#N", "the trial to train again (default: the quickest completed)");
  options.flag("no-replay", "train nothing");
  options.value("recover", "FILE",
                "write what can be read into a new database, and list what cannot");
  if (!options.parse(invocation)) return 0;
  if (options.has("recover")) return recover(invocation, options);
  if (!std::filesystem::exists(database_of(options))) (void)open_database(options);
  const store::VerifyReport report = store::verify(database_of(options));
  Replay replayed;
  if (report.findings.empty() && !options.has("no-replay")) replayed = replay(options);
  const int code = report.findings.empty() && !replayed.differs ? 0 : 1;
  if (options.has("json")) {
    Json json{{"studies", report.studies},
              {"trials", report.trials},
              {"finished", report.finished},
              {"chunks", report.chunks},
              {"steps", report.hot_rows},
              {"checkpoints", report.checkpoints},
              {"artifacts", report.artifacts},
              {"unsummed", report.unsummed},
              {"findings", findings_json(report.findings)}};
    if (!replayed.outcome.empty())
      json["replay"] = {{"trial", replayed.trial}, {"outcome", replayed.outcome}};
    fmt::print(invocation.out, "{}\n", json.dump());
    return code;
  }
  print_findings(invocation.out, report.findings);
  fmt::print(invocation.out,
             "{} studies, {} trials, {} curves, {} steps of running trials, {} checkpoints, {} "
             "artifacts: {}\n",
             report.studies, report.trials, report.chunks, report.hot_rows, report.checkpoints,
             report.artifacts,
             report.findings.empty() ? std::string("whole")
                                     : fmt::format("{} damaged", report.findings.size()));
  if (report.unsummed > 0)
    fmt::print(invocation.out, "{} finished trials have no checksum over params and metrics\n",
               report.unsummed);
  if (!replayed.outcome.empty())
    fmt::print(invocation.out, "replay of {}: {}\n", replayed.trial, printable(replayed.outcome));
  return code;
}

}  // namespace vernier::cli
