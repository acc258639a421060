// What several forms say of a trial alike.
#pragma once
#include <string>
#include <vector>

#include "store/store.h"

namespace vernier::store {

/// Of each metric of the curve, results and timings, its value at the trial's best step (its last where there is none).
NamedValues at_best_step(const std::vector<StepRow>& curve, const TrialRecord& trial);
/// The curve as a series each metric, in the order they were first reported.
std::vector<Series> series_of(const std::vector<StepRow>& curve);

}  // namespace vernier::store
