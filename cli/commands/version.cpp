#include "cli/version.h"

#include <fmt/ostream.h>

#include <ostream>

#include "cli/options.h"
#include "core/json.h"

namespace vernier::cli {

int version(const Invocation& invocation) {
  Options options("version", "The version.");
  if (!options.json().parse(invocation)) return 0;
  if (options.has("json")) {
    fmt::print(invocation.out, "{}\n", Json{{"version", version_text()}}.dump());
  } else {
    fmt::print(invocation.out, "vernier {}\n", version_text());
  }
  return 0;
}

}  // namespace vernier::cli
