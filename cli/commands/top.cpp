#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"

namespace vernier::cli {

int top(const Invocation& invocation) {
  Options options("top STUDY [options]", "The best trials of a study.");
  options.argument("STUDY", 1, 1).database().json().flag("csv", "as CSV");
  options.value("number,n", "N", "how many (default 10)");
  options.value("where", "EXPR", "only trials where it holds: 'depth >= 2 and train.lr < 0.1'");
  options.value("sort", "NAME", "by this metric or parameter in place of the objective");
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  const store::StudyRecord study = store.study(*options.text("STUDY"));
  const int n = static_cast<int>(options.integer("number", 1, 1'000'000).value_or(10));
  const auto trials =
      top_trials(store, study, n, options.text("where", ""), options.text("sort", ""));
  if (options.has("json")) {
    Json list = Json::array();
    for (const auto& trial : trials) list.push_back(trial_json(trial));
    fmt::print(invocation.out, "{}\n", Json{{"study", study.name}, {"trials", list}}.dump());
  } else if (options.has("csv")) {
    print_csv(invocation.out, trial_table(study, trials, true));
  } else if (trials.empty()) {
    fmt::print(invocation.err, "no finished trial{}\n",
               options.has("where") ? " where " + *options.text("where") : "");
  } else {
    print_table(invocation.out, trial_table(study, trials), terminal_of(1));
  }
  return 0;
}

}  // namespace vernier::cli
