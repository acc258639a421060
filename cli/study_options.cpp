#include "cli/study_options.h"

#include "cli/output.h"

namespace vernier::cli {

void add_study_options(Options& options) {
  options.database().json();
  options.values("set", "KEY=VALUE", "override a key of the study file: --set train.epochs=5");
  options.value("sampler", "NAME", "override the sampler")
      .value("strategy", "NAME", "override the strategy");
  options.value("trials", "N", "trials in total")
      .value("time", "DURATION", "stop after it: 90s, 10m, 2h");
  options.value("devices", "WHICH", "auto, cpu, gpu, gpu:0,1 or gpu:0,cpu")
      .value("jobs", "N", "trials at a time");
  options.value("memory", "BYTES", "for the trials of a device: 8GB")
      .value("seed", "N", "override the seed");
  options.flag("deterministic",
               "the same configurations and results whatever the timing, for as many jobs");
  options.flag("isolate", "train in child processes")
      .value("as", "NAME", "run it as another study");
  options.flag("force-network-fs", "accept a database on a network file system");
}

experiments::Overrides overrides_of(const Options& options) {
  experiments::Overrides overrides;
  overrides.set = options.list("set");
  overrides.sampler = options.text("sampler");
  overrides.strategy = options.text("strategy");
  overrides.study = options.text("as");
  overrides.devices = options.text("devices");
  overrides.memory = options.text("memory");
  overrides.time = options.text("time");
  if (const auto trials = options.integer("trials", 1, 100'000'000))
    overrides.trials = static_cast<int>(*trials);
  if (const auto jobs = options.integer("jobs", 1, 4096)) overrides.jobs = static_cast<int>(*jobs);
  if (const auto seed = options.integer("seed", 0, INT64_MAX))
    overrides.seed = static_cast<std::uint64_t>(*seed);
  overrides.isolate = options.has("isolate");
  return overrides;
}

experiments::RunOptions run_options_of(const Options& options) {
  experiments::RunOptions run;
  run.db = database_of(options);
  run.data_dirs = data_dirs();
  run.force_network_fs = options.has("force-network-fs");
  run.deterministic = options.has("deterministic");
  return run;
}

}  // namespace vernier::cli
