#include <fmt/ostream.h>

#include <map>
#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"
#include "cli/trial_name.h"

namespace vernier::cli {

int ls(const Invocation& invocation) {
  Options options("ls [options]", "Lists the studies of a database.");
  if (!options.database().json().parse(invocation)) return 0;
  const store::Store store = open_database(options);
  Json list = Json::array();
  store::Table table{
      {"study", "state", "trials", "planned", "best", "sampler", "strategy", "created", "note"},
      {}};
  for (const store::StudyRecord& study : store.studies()) {
    std::int64_t finished = 0;
    std::optional<double> best;
    const auto winner = best_trial(store, study);
    for (const store::TrialRecord& trial : store.trials(study.id)) {
      finished += trial.kind == "search" && store::is_finished(trial.state);
      if (winner && trial.number == *winner) best = trial.value;
    }
    list.push_back({{"study", study.name},
                    {"state", study.state},
                    {"trials", finished},
                    {"planned", study.trials},
                    {"best", best ? Json(*best) : Json(nullptr)},
                    {"sampler", study.sampler},
                    {"strategy", study.strategy},
                    {"created", study.created},
                    {"note", study.note}});
    table.rows.push_back({study.name, study.state, finished, std::int64_t{study.trials},
                          best ? Value(*best) : Value(), study.sampler, study.strategy,
                          wall_text(study.created), study.note});
  }
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n", Json{{"studies", list}}.dump());
  } else if (table.rows.empty()) {
    fmt::print(invocation.err, "no studies in {}\n", store.file().string());
  } else {
    print_table(invocation.out, table, terminal_of(1));
  }
  return 0;
}

}  // namespace vernier::cli
