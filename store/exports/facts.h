// What several forms say of a trial alike.
#pragma once
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::store {

/// The trials that a search made, by number; repeats apart.
std::vector<TrialRecord> search_trials(const Store& store, const StudyRecord& study);
/// Of each metric of the curve, results and timings, its value at the trial's best step (its last where there is none).
NamedValues at_best_step(const std::vector<StepRow>& curve, const TrialRecord& trial);
/// The curve as a series each metric, in the order they were first reported.
std::vector<Series> series_of(const std::vector<StepRow>& curve);
/// Whether larger values of the first objective are better.
bool maximizes(const StudyRecord& study);
/// The number of the best completed search trial; nullopt: none.
std::optional<int> best_of(const std::vector<TrialRecord>& trials, bool maximize);

}  // namespace vernier::store
