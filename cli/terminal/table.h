// Tables for people, and the same rows as CSV and JSON.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/terminal/terminal.h"
#include "core/json.h"
#include "core/value.h"
#include "store/query/query.h"

namespace vernier::cli {

/// Numbers to the right with `digits` significant digits, texts to the left; columns that do not fit the terminal are cut at the widest.
void print_table(std::ostream& out, const store::Table& table, const Terminal& terminal,
                 int digits = 5);
/// RFC 4180 with a header line; texts that a spreadsheet would run as a formula get a leading apostrophe.
void print_csv(std::ostream& out, const store::Table& table);
/// An array of objects.
Json table_json(const store::Table& table);

}  // namespace vernier::cli
