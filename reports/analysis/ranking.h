// Trials in order of their objective.
#pragma once
#include <optional>
#include <vector>

#include "reports/analysis/study_data.h"

namespace vernier::reports {

/// What counts in a ranking: completed and stopped trials with a finite value (a stopped trial's value is its best so far).
bool is_ranked(const store::TrialRecord& trial);

/// Positions in StudyData::trials, best first; equal values in order of number.
std::vector<std::size_t> ranking(const StudyData& data);

/// Per trial: 1 for the best, ...; nullopt where it is not ranked.
std::vector<std::optional<int>> rank_of_trials(const StudyData& data);

/// The trials of the best tenth, but at least `least` (all where there are fewer). Best first.
std::vector<std::size_t> best_tenth(const StudyData& data, std::size_t least = 5);

}  // namespace vernier::reports
