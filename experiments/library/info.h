// Trials of the database as the public headers show them.
#pragma once
#include <vernier/trial.h>

#include "store/store.h"

namespace vernier::detail {

inline constexpr const char* attributes_name = "attributes";  // of the artifact that holds them

/// `attributes`: read those too.
TrialInfo info_of(const store::Store& store, store::StudyId study, const store::TrialRecord& record,
                  bool attributes);
Json attributes_json(const std::map<std::string, std::string>& attributes);
std::map<std::string, std::string> read_attributes(const store::Store& store, store::StudyId study,
                                                   int number);
/// Whether a study was made by this library.
bool of_library(const store::StudyRecord& study);

}  // namespace vernier::detail
