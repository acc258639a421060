// What a trial left beside its curves, checked and arranged for the page. Forms: store/FORMAT.md, "Artifacts".
#pragma once
#include <vector>

#include "core/json.h"
#include "store/records.h"

namespace vernier::reports {

/// [{"step", "name", "kind", "data": {...}} | {..., "text"} | {..., "problem"}], in the order given. Everything that the page draws from
/// is checked here: sizes agree, numbers are numbers; what does not hold becomes a "problem" sentence. Where they have more than `most_bytes` in
/// all, the newest that fit are kept, and the earlier ones are left out with a "problem" too. Kinds the page does not know are listed by name.
Json artifacts_json(const std::vector<store::Artifact>& artifacts, std::size_t most_bytes);

}  // namespace vernier::reports
