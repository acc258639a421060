#include "search/ask_tell.h"

#include <iostream>

#include "cli/options.h"

namespace vernier::cli {

int ask_tell(const Invocation& invocation) {
  Options options("ask-tell [options]",
                  "Suggests configurations to any program: JSON lines on standard input and output "
                  "(cli/README.md has the protocol).");
  options.value("sampler", "NAME", "in place of the header's (default gp)")
      .value("strategy", "NAME", "in place of the header's (default full)");
  if (!options.parse(invocation)) return 0;
  search::ask_tell(
      std::cin, invocation.out,
      {.sampler = options.text("sampler", ""), .strategy = options.text("strategy", "")});
  return 0;
}

}  // namespace vernier::cli
