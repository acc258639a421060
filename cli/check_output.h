// What `check` and `run --dry-run` print.
#pragma once
#include "cli/command.h"
#include "experiments/scheduler/run.h"

namespace vernier::cli {

/// Returns the exit code, 0.
int print_check(const Invocation& invocation, const experiments::Spec& spec,
                const experiments::CheckReport& report, bool json);

}  // namespace vernier::cli
