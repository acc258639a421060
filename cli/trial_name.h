// Trials are named STUDY#17 or STUDY#best.
#pragma once
#include <optional>
#include <string>

#include "store/store.h"

namespace vernier::cli {

struct TrialName {
  std::string study;
  std::optional<int> number;  // nullopt: the study itself
  bool best = false;
};

/// Throws UsageError for what is neither STUDY, STUDY#N nor STUDY#best.
TrialName parse_trial_name(const std::string& text);

/// The record behind a name; throws NotFoundError for unknown studies and trials, and for #best while nothing succeeded, UsageError where
/// the name is a study's alone.
store::TrialRecord find_trial(const store::Store& store, const TrialName& name);
/// The number of the best trial; nullopt while nothing succeeded.
std::optional<int> best_trial(const store::Store& store, const store::StudyRecord& study);

}  // namespace vernier::cli
