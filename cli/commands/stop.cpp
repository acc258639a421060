#include <fmt/ostream.h>

#include <ostream>

#include "cli/edit.h"
#include "cli/output.h"

namespace vernier::cli {

int stop(const Invocation& invocation) {
  Options options("stop STUDY[#N] [options]",
                  "Stops a running study (its trials pause after their step; the same run command "
                  "continues it), or ends one trial.");
  if (!options.argument("TRIAL", 1, 1).database().parse(invocation)) return 0;
  const bool delivered = edit(options, *options.text("TRIAL"), Json{{"do", "stop"}});
  fmt::print(invocation.err, "{}\n", delivered ? "the running search was told" : "stopped");
  return 0;
}

}  // namespace vernier::cli
