// The functions of evaluate(); other calls are meant for the store.
#pragma once
#include <span>

#include "core/expr/expr.h"

namespace vernier::expr {

/// The call `node` with its arguments' values, null where one of them is. Throws UsageError for an unknown name, a wrong
/// number of arguments and texts.
Value call_function(const Node& node, std::span<const Value> args);

/// The number behind `value`, which `node` gave; throws UsageError for texts.
double numeric(const Value& value, const Node& node);
/// Not a number is null, as in SQL.
Value from_number(double number);

}  // namespace vernier::expr
