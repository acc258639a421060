// A study file, read and checked: everything a search needs, with each section already typed.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/json.h"
#include "engine/settings.h"
#include "search/space.h"

namespace vernier::experiments {

struct MetricSpec {
  std::string name = "val_acc";
  bool maximize = true;
  std::string reduce = "best";  // best, last, mean_last_N
};

struct CommandSpec {            // objective: {command: [...], ...}
  std::vector<std::string> argv;
  bool resumable = true;
  double timeout = 0;           // seconds; 0: none
};

struct Resources {
  std::string devices = "auto"; // auto, cpu, gpu:0,1
  int jobs = 0;                 // 0: auto
  std::size_t memory = 0;       // bytes for lane arenas per device; 0: what the device has
  bool isolate = false;
};

struct Limits {
  std::optional<double> wall_time, device_time, trial_time;  // seconds
  std::optional<double> target;                              // of the first metric
  int retries = 3;
};

struct Spec {
  std::filesystem::path file;       // empty: built in code
  std::string text;                 // as written
  Json json;                        // normalised, overrides included; what the store keeps
  std::string study, note;
  std::vector<MetricSpec> metrics{MetricSpec{}};
  std::vector<std::string> require; // limits on parameters, flops, bytes
  std::string sampler = "gp", strategy = "full";
  Json sampler_options = Json::object(), strategy_options = Json::object();
  std::uint64_t seed = 0;
  int trials = 50;
  int keep = 5;
  std::vector<Config> enqueue;
  Resources resources;
  Limits limits;
  std::optional<CommandSpec> command;       // external program; else the engine
  std::vector<search::Parameter> parameters;
  std::vector<std::string> constraints;

  search::Space space() const { return search::Space(parameters, constraints); }
  /// DECISIONS 1: what decides the results.
  std::string hash() const;
  /// The engine's settings of one configuration (base sections with the dotted names put in).
  engine::TrialSettings settings(const Config& config, int number) const;
  int max_steps() const;
};

/// Overrides of the command line, as dotted `key=value` in YAML syntax.
struct Overrides {
  std::vector<std::string> set;             // --set train.epochs=5
  std::optional<std::string> sampler, strategy, study, devices, memory, time;
  std::optional<int> trials, jobs;
  std::optional<std::uint64_t> seed;
  bool isolate = false;
};

/// Throws UsageError "FILE:LINE:COLUMN: ..." for everything wrong with it.
Spec load_spec(const std::filesystem::path& file, const Overrides& overrides = {});
/// The spec a database keeps (Spec::json), for run without the file, rerun and best --yaml.
Spec spec_from_json(const Json& json);

/// A commented study file: kind is mlp or command. Throws UsageError for others.
std::string study_template(const std::string& kind);

}  // namespace vernier::experiments
