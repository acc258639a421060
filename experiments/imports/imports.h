// What other programs left, as studies of this database: `vernier import`.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "experiments/study/spec.h"

namespace vernier::experiments {

struct ImportOptions {
  std::filesystem::path db;
  std::optional<std::string> as;     // the study's name here; of one study
  std::vector<std::string> studies;  // optuna: which; empty: all
  std::optional<std::filesystem::path>
      file;  // the study file that says what the trials' parameters and metrics are
  std::vector<std::string> command;  // optuna, wandb: the program that goes on
  std::vector<std::string> ignored;  // csv: columns
  bool one = false;                  // optuna: more than one study is an error
  std::optional<int> max_steps;      // wandb: of a full training
};

struct Imported {
  std::string from, study;  // names there and here
  std::string yaml;         // a study file that goes on with it; wandb: all there is
  int trials = 0;
  std::vector<std::string> notes;  // what changed on the way
};

/// Every study of an Optuna database (or those of `studies`). Without `file` the space is that of its distributions, with conditions where a parameter is there
/// exactly for some values of another. Trial n becomes n + 1. Throws StoreError for the database, UsageError where trials do not fit the space.
std::vector<Imported> import_optuna(const std::filesystem::path& path,
                                    const ImportOptions& options);

/// Trials from CSV with a header: `number`, `state` and `value` may be there, parameters as NAME or params_NAME, metrics as METRIC or values_METRIC; what else
/// export_csv writes is taken or passed over; another column is an error. Throws UsageError "[PATH:LINE] [COLUMN] found ...; expected ...".
Imported import_csv(const std::filesystem::path& path, const ImportOptions& options);

/// A sweep of Weights & Biases as a study file; nothing is stored. Throws UsageError with every key that has no meaning here, each with its place and why.
Imported import_wandb(const std::filesystem::path& path, const ImportOptions& options);

}  // namespace vernier::experiments
