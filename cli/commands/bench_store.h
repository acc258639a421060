// `vernier bench --store`: what the experiment database costs.
#pragma once
#include <optional>
#include <string>

#include "cli/command.h"

namespace vernier::cli {

struct StoreBench {
  int trials = 100'000;
  int steps = 100;
  std::optional<std::string>
      peer;  // prints {"trials":N,"us_per_trial":X}: one-step trials of another program
  bool json = false;
};

/// Fills a database in the folder for temporary files, asks it, and removes it.
int bench_store(const Invocation& invocation, const StoreBench& settings);

}  // namespace vernier::cli
