// From text columns to inputs and a target.
//
// A column is numeric where more than half of its values are numbers; then every other value is an error (a missing one too). Otherwise
// it is text: an input becomes one 0/1 feature per different text, in byte order (at most 64), a target becomes classes.
// A numeric target whose values are all whole numbers, at most 20 different ones and no more than half as many as rows, is classes
// too, in ascending order; any other numeric target is predicted as a number.
#pragma once
#include <string>

#include "engine/data/csv_table.h"
#include "engine/data/source.h"

namespace vernier::engine {

/// Throws UsageError "[name:LINE] column 'C': ..." with the value, or "[data.target] ..." for a target that is not a column (with the nearest).
RawData csv_columns(const CsvTable& table, const std::string& target, const std::string& name);

}  // namespace vernier::engine
