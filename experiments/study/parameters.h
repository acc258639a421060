// The section `parameters` of a study file: our own form and that of W&B sweeps.
#pragma once
#include <string>
#include <vector>

#include "core/json.h"
#include "experiments/study/reader.h"
#include "search/space.h"
#include "store/records.h"

namespace vernier::experiments {

/// In the order written. Kinds: `type` decides; else `value` is a constant, `values` all numbers and increasing are ordinal, other
/// `values` categorical, whole numbers min and max an int range, others a float range. From W&B: `distribution`, `probabilities`, `q`,
/// and nested `parameters`. Throws UsageError with place. `names`: what may be one; nullptr: any name (an external command).
std::vector<search::Parameter> read_parameters(const Reader& section,
                                               const std::vector<std::string>* names);

/// The same parameter in our own form: read_parameters reads it back equal.
Json parameter_json(const search::Parameter& parameter);
/// As the database keeps it.
store::ParamRecord param_record(const search::Parameter& parameter);
/// float, int, categorical, ordinal, bool or constant.
std::string kind_text(search::Kind kind);

}  // namespace vernier::experiments
