// A define-by-run program has no written conditions: they are found in what its trials have.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/expr/expr.h"
#include "core/value.h"

namespace vernier::experiments {

/// The condition under which `name` is there: on one of `before` (the nearest first), true exactly for the configurations that have it. nullopt: no such
/// rule. Numbers get a limit where one tells the two apart, else a list of values.
std::optional<expr::Node> find_condition(const std::string& name,
                                         const std::vector<std::string>& before,
                                         const std::vector<Config>& configs);

}  // namespace vernier::experiments
