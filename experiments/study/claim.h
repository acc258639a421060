// The section `claim` of a study file: what the study, or several, is to show. Judged by reports/analysis/claim.h, whose comment says what each
// key means.
#pragma once
#include "experiments/study/reader.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

/// One mapping or a list; Spec::json["claim"] becomes a list, with `pair`, `others` and (of another metric) `goal` as they are by default. A claim
/// decides nothing and may change between runs. Throws UsageError with the place of what cannot be judged: unknown keys, parameters,
/// values, metrics and functions, and keys that contradict each other.
void read_claims(const Reader& study, Spec& spec);

}  // namespace vernier::experiments
