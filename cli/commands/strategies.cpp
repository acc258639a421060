#include "cli/registered.h"
#include "search/strategy.h"

namespace vernier::cli {

int strategies(const Invocation& invocation) {
  return print_registered(invocation, "strategies",
                          "The strategies: `strategy: NAME` or {type: NAME, option: value}.",
                          search::strategies());
}

}  // namespace vernier::cli
