#include "store/sqlite/functions.h"

#include <sqlite3.h>

#include <cmath>
#include <new>
#include <span>

namespace vernier::store::sqlite {
namespace {

std::string folded(sqlite3_value* value) {
  std::string text;
  if (sqlite3_value_type(value) == SQLITE_FLOAT) {
    text = vernier::to_text(Value(sqlite3_value_double(value)));
  } else {
    const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
    text.assign(data ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value)));
  }
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return text;
}

/// False where the result is set already: null for null, an error for a text.
bool take_number(sqlite3_context* context, sqlite3_value* value, double& number) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
    case SQLITE_FLOAT:
      number = sqlite3_value_double(value);
      return true;
    case SQLITE_NULL:
      sqlite3_result_null(context);
      return false;
    default:
      sqlite3_result_error(context, "a text in arithmetic; expected a number", -1);
      return false;
  }
}

using Function = double (*)(double);

template <Function function>
void unary(sqlite3_context* context, int, sqlite3_value** args) {
  double x = 0;
  if (take_number(context, args[0], x))
    sqlite3_result_double(context, function(x));  // NaN becomes NULL
}

void contains(sqlite3_context* context, int, sqlite3_value** args) {
  if (sqlite3_value_type(args[0]) == SQLITE_NULL || sqlite3_value_type(args[1]) == SQLITE_NULL) {
    sqlite3_result_null(context);
    return;
  }
  try {
    sqlite3_result_int(context, folded(args[0]).find(folded(args[1])) != std::string::npos);
  } catch (const std::bad_alloc&) {
    sqlite3_result_error_nomem(context);
  }
}

double same(double x) { return x; }
double checked_log(double x) { return x > 0 ? std::log(x) : std::nan(""); }
double checked_log10(double x) { return x > 0 ? std::log10(x) : std::nan(""); }
double checked_sqrt(double x) { return x >= 0 ? std::sqrt(x) : std::nan(""); }
double exponential(double x) { return std::exp(x); }
double absolute(double x) { return std::abs(x); }
double rounded(double x) { return std::round(x); }
double lower(double x) { return std::floor(x); }
double upper(double x) { return std::ceil(x); }

}  // namespace

void add_functions(Connection& db) {
  struct Entry {
    const char* name;
    int args;
    void (*call)(sqlite3_context*, int, sqlite3_value**);
  };
  static constexpr Entry table[] = {
      {"vr_number", 1, unary<same>},         {"vr_log", 1, unary<checked_log>},
      {"vr_log10", 1, unary<checked_log10>}, {"vr_exp", 1, unary<exponential>},
      {"vr_sqrt", 1, unary<checked_sqrt>},   {"vr_abs", 1, unary<absolute>},
      {"vr_round", 1, unary<rounded>},       {"vr_floor", 1, unary<lower>},
      {"vr_ceil", 1, unary<upper>},          {"vr_contains", 2, contains},
  };
  constexpr int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  for (const Entry& entry : table) {
    if (sqlite3_create_function(db.handle(), entry.name, entry.args, flags, nullptr, entry.call,
                                nullptr, nullptr)) {
      db.fail("register a function");
    }
  }
}

}  // namespace vernier::store::sqlite
