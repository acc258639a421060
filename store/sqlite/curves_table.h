// `curves`: every measurement as a row (study, number, step, metric, value), hot rows and sealed chunks alike.
#pragma once
#include "store/sqlite/connection.h"

namespace vernier::store::sqlite {

/// Makes the virtual table known to the connection, which must outlive every statement on it. Equality of study, number,
/// metric and step is looked up; a checksum that differs is an error of the statement.
void add_curves_table(Connection& db);

}  // namespace vernier::store::sqlite
