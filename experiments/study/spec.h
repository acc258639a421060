// A study file, read and checked: everything a search needs, with each section already typed.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "engine/settings.h"
#include "experiments/study/places.h"
#include "search/space.h"

namespace vernier::experiments {

struct MetricSpec {
  std::string name = "val_acc";
  bool maximize = true;
  std::string reduce = "best";  // best, last, mean_last_N
};

struct CommandSpec {  // objective: {command: [...], ...}
  std::vector<std::string> argv;
  std::string dir;  // where it runs: the study file's folder
  bool resumable = true;
  double timeout = 0;  // seconds; 0: none
};

struct Resources {
  std::string devices = "auto";  // as device_names() takes them
  int jobs = 0;                  // trials at a time, beside GPUs' those of the GPUs; 0: auto
  std::size_t memory = 0;        // bytes for lane arenas per device; 0: what the device has
  bool isolate = false;
};

struct Limits {
  std::optional<double> wall_time, device_time, trial_time;  // seconds
  std::optional<double> target;                              // of the first metric
  std::optional<double>
      regret;  // likewise: what a better trial may still gain (search::regret_bound)
  std::optional<int> trial_steps;  // a trial is stopped after so many
  std::optional<std::size_t>
      trial_memory;  // bytes: of a network's arena, or of a program's address space
  int retries = 3;
};

struct Repeats {  // after the search
  int seeds = 3;  // trainings of each with seeds of their own
  int top = 1;    // of the best
};

struct Spec {
  std::filesystem::path file;  // empty: built in code
  std::string text;            // as written
  Json json;                   // normalised, overrides included; what the store keeps
  std::string study, note;
  std::vector<MetricSpec> metrics{MetricSpec{}};
  bool metric_given =
      false;  // else val_acc, and val_loss where the data set has numbers as targets (with_default_metric)
  std::vector<std::string> require;  // limits on parameters, flops, bytes, and on what is measured
  std::string sampler = "gp", strategy = "full";
  Json sampler_options = Json::object(), strategy_options = Json::object();
  std::uint64_t seed = 0;
  int trials = 50;
  int keep = 5;
  std::vector<Config> enqueue;
  std::vector<std::string> warm_start;  // other studies of the database, as evidence
  Resources resources;
  Limits limits;
  std::optional<Repeats> repeats;
  std::optional<CommandSpec> command;  // external program; else the engine
  std::vector<search::Parameter> parameters;
  std::vector<std::string> constraints;
  Places places;  // where each key stands in the file

  search::Space space() const { return search::Space(parameters, constraints); }
  /// DECISIONS 1: what decides the results.
  std::string hash() const;
  /// What hash() covers, with the values: two specs of equal hash have equal ones.
  Json deciding() const;
  /// The engine's settings of one configuration (base sections with the dotted names put in).
  engine::TrialSettings settings(const Config& config, int number) const;
  /// What trial `number` draws from: the study's seed, its own with train.seed: per_trial, or the number that train.seed is.
  std::uint64_t trial_seed(const Config& config, int number) const;
  /// A full training: the most steps any configuration has, or strategy.max_steps; INT_MAX for a command without it.
  int max_steps() const;
  /// The last trial that was proposed in a narrower space (amend.h); 0: there was none.
  int amended_after() const;
  /// Uses this metric; for studies that name none.
  void set_metric(const MetricSpec& metric);
};

/// "train.epochs 5 -> 20", "parameters.train.lr.max 0.1 -> 1.0": the leaves in which two Spec::deciding() differ.
std::vector<std::string> differences(const Json& before, const Json& after);
/// Whether larger values of a metric are better, by its name; nullopt where the name does not say.
std::optional<bool> maximized_by_name(const std::string& metric);

/// Overrides of the command line, as dotted `key=value` in YAML syntax.
struct Overrides {
  std::vector<std::string> set;  // --set train.epochs=5
  std::optional<std::string> sampler, strategy, study, devices, memory, time;
  std::optional<int> trials, jobs;
  std::optional<std::uint64_t> seed;
  bool isolate = false;
};

/// Throws UsageError "FILE:LINE:COLUMN: ..." for everything wrong with it.
Spec load_spec(const std::filesystem::path& file, const Overrides& overrides = {});
/// The spec a database keeps (Spec::json), for run without the file, rerun and best --yaml.
Spec spec_from_json(const Json& json);

/// A commented study file: kind is mlp, cnn or command. Throws UsageError for others.
std::string study_template(const std::string& kind);

}  // namespace vernier::experiments
