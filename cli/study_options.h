// The options that `run` and `check` share: overrides of the study file, database, data.
#pragma once
#include "cli/options.h"
#include "experiments/scheduler/run.h"
#include "experiments/study/spec.h"

namespace vernier::cli {

void add_study_options(Options& options);
experiments::Overrides overrides_of(const Options& options);
experiments::RunOptions run_options_of(const Options& options);

}  // namespace vernier::cli
