#include <fmt/ostream.h>

#include <ostream>

#include "cli/output.h"
#include "core/text.h"
#include "store/verify.h"

namespace vernier::cli {

int backup(const Invocation& invocation) {
  Options options("backup FILE [options]",
                  "Copies the database with its checkpoints into a new file; a search may go on "
                  "writing meanwhile.");
  if (!options.argument("FILE", 1, 1).database().parse(invocation)) return 0;
  const std::filesystem::path to = *options.text("FILE");
  (void)open_database(options);
  store::backup(database_of(options), to);
  fmt::print(invocation.err, "{}: {}\n", to.string(),
             format_bytes(static_cast<double>(std::filesystem::file_size(to))));
  return 0;
}

}  // namespace vernier::cli
