#include "store/query/query.h"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "cli/terminal/table.h"

namespace vernier::cli {

int query(const Invocation& invocation) {
  Options options("query 'EXPR or SQL' [options]",
                  "Filter expressions over trials, or read-only SQL over the views studies, "
                  "trials, params, params_wide_N and curves.\n"
                  "  vernier query 'depth >= 2 and train.lr < 0.1 order by val_acc desc limit 10' "
                  "--study mnist-mlp\n"
                  "  vernier query 'group by model.depth: mean(val_acc), count' --study mnist-mlp\n"
                  "  vernier query 'SELECT study, max(value) FROM trials GROUP BY study'");
  options.argument("QUESTION", 1, 1).database().json().flag("csv", "as CSV");
  options.value("study", "STUDY", "the study that names refer to (default: the only one)");
  options.value("number,n", "N", "at most so many rows");
  if (!options.parse(invocation)) return 0;
  const store::Store store = open_database(options);
  store::QueryOptions how;
  how.study = options.text("study", "");
  how.limit = static_cast<int>(options.integer("number", 1, 1'000'000'000).value_or(0));
  if (how.study.empty()) {
    if (const auto studies = store.studies(); studies.size() == 1) how.study = studies.front().name;
  } else {
    store.study(how.study);
  }
  const std::string question = *options.text("QUESTION");
  if (options.has("json")) {
    JsonPrinter printer(invocation.out);
    store::query(store.file(), question, how, printer);
    printer.finish();
  } else if (options.has("csv")) {
    CsvPrinter printer(invocation.out);
    store::query(store.file(), question, how, printer);
  } else {
    const store::Table table = store::query(store.file(), question, how);
    print_table(invocation.out, table, terminal_of(1));
    fmt::print(invocation.err, "{} {}\n", table.rows.size(),
               table.rows.size() == 1 ? "row" : "rows");
  }
  return 0;
}

}  // namespace vernier::cli
