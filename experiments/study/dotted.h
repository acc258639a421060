// Dotted names in the sections of a study: train.lr, train.schedule.gamma, model.layers.c1.filters.
#pragma once
#include <string>

#include "core/json.h"

namespace vernier::experiments {

/// The sections that the engine reads.
inline constexpr const char* engine_sections[] = {"data", "model", "train", "augment"};
/// Those of them that a study has.
Json base_sections(const Json& study);

/// Sections on the way are made; `schedule: cosine` becomes {type: cosine} below schedule.warmup; below a list of layers the engine knows the way
/// (UsageError for a layer that is not there). Returns the path at which the value stands: "model.layers.0.conv.filters".
std::string put_dotted(Json& sections, const std::string& name, const Json& value);
/// null where it is not written.
Json get_dotted(const Json& sections, const std::string& name);

}  // namespace vernier::experiments
