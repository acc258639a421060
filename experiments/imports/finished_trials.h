// Trials that were made elsewhere, on their way into the database.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "experiments/study/spec.h"
#include "store/store.h"

namespace vernier::experiments {

struct FinishedTrial {
  store::NewTrial trial;
  store::TrialRun run;
  std::vector<store::Series> curves;
  store::TrialEnd end;
  std::string note;
};

/// The study with all its trials in one transaction. Throws StoreError where one of its name is there.
void add_study(const std::filesystem::path& db, const Spec& spec,
               const std::vector<FinishedTrial>& trials, const std::string& origin);

/// A name as studies may have it: other characters become '-'.
std::string study_name(const std::string& name);

}  // namespace vernier::experiments
