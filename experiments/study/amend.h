// A study whose space grows while it goes on: what `run --amend` accepts.
#pragma once
#include "experiments/study/spec.h"

namespace vernier::experiments {

/// Throws UsageError with all that forbids it unless every configuration of `before` is one of `after` and nothing else that decides results differs:
/// ranges may be wider (with a step: by whole steps), choices may be added, constraints dropped, priors and probabilities changed. A longer
/// training (of train.epochs as a parameter) only under the strategy full: others compare trials at shares of it.
void check_widening(const Spec& before, const Spec& after);

/// `after` as the database keeps it: Spec::json gets "spaces", the earlier versions with the number of the last trial proposed in each:
/// [{"trials": 17, "parameters": {...}, "constraints": [...]}, ...].
void remember_space(const Spec& before, int trials, Spec& after);

}  // namespace vernier::experiments
