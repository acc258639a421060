#include "cli/registered.h"
#include "search/sampler.h"

namespace vernier::cli {

int samplers(const Invocation& invocation) {
  return print_registered(invocation, "samplers",
                          "The samplers: `sampler: NAME` or {type: NAME, option: value}.",
                          search::samplers());
}

}  // namespace vernier::cli
