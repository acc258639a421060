// The SQL functions that expressions compile to, with exactly the meaning that core/expr gives them.
#pragma once
#include "store/sqlite/connection.h"

namespace vernier::store::sqlite {

/// vr_number(x): x as a double, an error for texts; vr_contains(text, part): ASCII case folded; vr_log, vr_exp, vr_sqrt,
/// vr_abs, vr_round, vr_floor, vr_ceil: NaN is null.
void add_functions(Connection& db);

}  // namespace vernier::store::sqlite
