#include "experiments/scheduler/run.h"

#include <fmt/ostream.h>

#include <csignal>
#include <ostream>

#include "cli/check_output.h"
#include "cli/output.h"
#include "cli/stop_signals.h"
#include "cli/study_options.h"
#include "cli/terminal/live_display.h"
#include "cli/terminal/table.h"
#include "core/text.h"

namespace vernier::cli {
namespace {

Json totals_json(const experiments::Summary& s) {
  return {{"planned", s.planned},
          {"completed", s.completed},
          {"stopped", s.stopped},
          {"failed", s.failed},
          {"diverged", s.diverged},
          {"infeasible", s.infeasible},
          {"paused", s.paused},
          {"best", s.best ? Json(*s.best) : Json(nullptr)},
          {"best_value", s.best_value ? Json(*s.best_value) : Json(nullptr)}};
}

// One JSON object a line: trial_started, measurement, trial_finished, best, study_finished.
void print_event(std::ostream& out, const std::string& study,
                 const experiments::Progress& progress) {
  using Kind = experiments::Progress::Kind;
  Json json;
  const auto settings = [&] {
    if (progress.config != nullptr) json["params"] = to_json(*progress.config);
  };
  switch (progress.kind) {
    case Kind::study_started:
      return;
    case Kind::trial_started:
      json = {{"event", "trial_started"},
              {"study", study},
              {"number", progress.number},
              {"device", progress.device}};
      settings();
      break;
    case Kind::measurement:
      json = {{"event", "measurement"},
              {"study", study},
              {"number", progress.number},
              {"step", progress.step}};
      if (progress.results != nullptr) {
        for (const auto& [name, value] : *progress.results) json["metrics"][name] = value;
      }
      break;
    case Kind::trial_finished:
      json = {{"event", "trial_finished"},
              {"study", study},
              {"number", progress.number},
              {"state", progress.state}};
      json["value"] = progress.value ? Json(*progress.value) : Json(nullptr);
      json["steps"] = progress.step;
      if (!progress.reason.empty()) json["reason"] = progress.reason;
      settings();
      break;
    case Kind::best:
      json = {{"event", "best"}, {"study", study}, {"number", progress.number}};
      json["value"] = progress.value ? Json(*progress.value) : Json(nullptr);
      settings();
      break;
    case Kind::study_finished:
      json = {{"event", "study_finished"}, {"study", study}};
      if (progress.summary != nullptr) {
        json.update(totals_json(*progress.summary));
        json["why"] = progress.summary->why;
        json["seconds"] = progress.summary->seconds;
        json["concurrency"] = progress.summary->concurrency;
      }
      break;
  }
  fmt::print(out, "{}\n", json.dump());
  out.flush();
}

void print_end(const Invocation& invocation, const Options& options, const experiments::Spec& spec,
               const experiments::Summary& summary) {
  const store::Store store = open_database(options);
  const store::StudyRecord study = store.study(spec.study);
  const auto trials = top_trials(store, study, 5, "", "");
  if (!trials.empty()) print_table(invocation.out, trial_table(study, trials), terminal_of(1));
  invocation.out.flush();
  const std::string db = options.text("db") ? " --db " + *options.text("db") : "";
  fmt::print(invocation.err, "{} in {}; {:.2f} trials at a time\n", summary.why,
             format_duration(summary.seconds), summary.concurrency);
  if (summary.interrupted) {
    fmt::print(invocation.err, "continue: run the same command again\n");
  } else if (!trials.empty()) {
    fmt::print(invocation.err, "next: vernier report {}{} -o report.html\n", spec.study, db);
  }
}

}  // namespace

int run(const Invocation& invocation) {
  Options options("run STUDY.yaml [options]",
                  "Launches a search, or continues it to the same total. Ctrl-C pauses every trial "
                  "exactly; twice stops at once.");
  options.argument("STUDY.yaml", 1, 1);
  add_study_options(options);
  options.flag("amend", "continue with a wider space: ranges, values, fewer constraints");
  if (!options.flag("dry-run", "only check: the same as `vernier check`").parse(invocation))
    return 0;
  const StopSignals signals;
  const Log log = stderr_log();
  const experiments::Spec spec =
      experiments::load_spec(*options.text("STUDY.yaml"), overrides_of(options));
  experiments::RunOptions run_options = run_options_of(options);
  run_options.amend = options.has("amend");
  if (options.has("dry-run"))
    return print_check(invocation, spec, experiments::check_study(spec, run_options, log),
                       options.has("json"));

  const SystemClock clock;
  const bool json = options.has("json");
  LiveDisplay display(invocation.err, terminal_of(2), clock, spec.study, spec.metrics.front().name);
  const auto observer = [&](const experiments::Progress& progress) {
    if (json) {
      print_event(invocation.out, spec.study, progress);
    } else {
      display.show(progress);
    }
  };
  const experiments::Summary summary =
      experiments::run_study(spec, run_options, signals.requests(), observer, log);
  if (!json) {
    display.finish();
    print_end(invocation, options, spec, summary);
  }
  if (signals.received() != 0 && summary.interrupted)
    return signals.received() == SIGINT ? 130 : 143;
  return summary.completed + summary.stopped > 0 ? 0 : 3;
}

}  // namespace vernier::cli
