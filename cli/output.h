// What several commands print alike.
#pragma once
#include <filesystem>
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/options.h"
#include "core/json.h"
#include "store/query/query.h"
#include "store/store.h"

namespace vernier::cli {

/// --db, or ./vernier.db
std::filesystem::path database_of(const Options& options);
/// Opened for reading; a missing file is a StoreError that says how to make one.
store::Store open_database(const Options& options);
/// VERNIER_DATA (colon-separated), then ~/.local/share/vernier.
std::vector<std::filesystem::path> data_dirs();
/// Unix time as 2026-11-21 03:44 in local time.
std::string wall_text(double wall);

/// {"number":17,"state":"completed","value":0.981,"params":{...},"steps":5,"seconds":3.2}
Json trial_json(const store::TrialRecord& trial);
/// number, value under the metric's name, one column a parameter, steps, seconds, state. `full_names`: model.depth in place of depth, which
/// stands where that is unique.
store::Table trial_table(const store::StudyRecord& study,
                         const std::vector<store::TrialRecord>& trials, bool full_names = false);
/// The best `n` search trials by objective, or by `sort`, of those where `where` holds.
std::vector<store::TrialRecord> top_trials(const store::Store& store,
                                           const store::StudyRecord& study, int n,
                                           const std::string& where, const std::string& sort);

}  // namespace vernier::cli
