#include <fmt/ostream.h>

#include <ostream>

#include "cli/options.h"
#include "cli/terminal/table.h"
#include "engine/engine.h"

namespace vernier::cli {

int datasets(const Invocation& invocation) {
  Options options("datasets [options]",
                  "The data sets: built in, or read from files under $VERNIER_DATA.");
  if (!options.json().parse(invocation)) return 0;
  Json list = Json::array();
  store::Table table{{"data set", "source", "what"}, {}};
  for (const engine::DatasetInfo& set : engine::datasets()) {
    list.push_back({{"name", set.name}, {"summary", set.summary}, {"source", set.source}});
    table.rows.push_back({set.name, set.source, set.summary});
  }
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n", Json{{"datasets", list}}.dump());
  } else {
    print_table(invocation.out, table, terminal_of(1));
  }
  return 0;
}

}  // namespace vernier::cli
