// Expressions mean in SQL what they mean to core/expr: tests/fixtures/expr_cases.json, every case.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "core/expr/expr.h"
#include "core/file.h"
#include "store/query/compile.h"
#include "store/sqlite/functions.h"
#include "tests/store/helpers.h"

namespace vernier::store::test {
namespace {

/// Names become columns of a one-row table, typed as a parameter would be.
struct Row {
  NameTable names;
  std::vector<Value> values;
  std::string sql = "FROM (SELECT 1)";
};

Row row_of(const Json& names, bool typed) {
  Row row;
  std::string columns;
  for (const auto& [name, json] : names.items()) {
    const Value value = value_from_json(json);
    Column column;
    column.name = name;
    column.sql = "c" + std::to_string(row.values.size());
    column.kind = !typed                                       ? Kind::any
                  : std::holds_alternative<bool>(value)        ? Kind::boolean
                  : std::holds_alternative<std::string>(value) ? Kind::text
                  : is_number(value)                           ? Kind::number
                                                               : Kind::any;
    row.names.columns.push_back(column);
    row.values.push_back(value);
  }
  return row;
}

Value run(sqlite::Connection& db, const std::string& text, const Row& row, Kind& kind) {
  Compiler compiler(row.names);
  const Fragment fragment = compiler.value(text);
  kind = fragment.kind;
  std::string columns;
  std::vector<Value> bound = compiler.bound();
  for (std::size_t i = 0; i < row.values.size(); ++i) {
    bound.push_back(row.values[i]);
    columns += (i ? ", ?" : "?") + std::to_string(bound.size()) + " AS c" + std::to_string(i);
  }
  const std::string from = columns.empty() ? "" : " FROM (SELECT " + columns + ")";
  try {
    auto result = db.query_values("SELECT " + fragment.sql + from, bound);
    REQUIRE(result.next());
    return result.value(0);
  } catch (const StoreError&) {
    if (const auto why = db.statement_error()) throw UsageError(*why);
    throw;
  }
}

bool same(const Value& sql, const Json& expected, Kind kind) {
  if (expected.is_null()) return std::holds_alternative<std::monostate>(sql);
  if (expected.is_string())
    return std::holds_alternative<std::string>(sql) && std::get<std::string>(sql) == expected;
  if (!is_number(sql)) return false;
  const double want = expected.is_boolean() ? double(expected.get<bool>()) : expected.get<double>();
  if (expected.is_boolean() && kind != Kind::boolean && kind != Kind::any) return false;
  return as_number(sql) == want;
}

}  // namespace

TEST_CASE("every shared case has its result, with typed and with untyped columns") {
  const TempFolder folder;
  sqlite::Connection db(folder.db(), sqlite::Access::create, 0);
  sqlite::add_functions(db);
  const Json cases = Json::parse(read_text(VERNIER_SOURCE_DIR "/tests/fixtures/expr_cases.json"));
  REQUIRE(cases.size() > 50);
  int errors = 0, results = 0;
  for (const Json& each : cases) {
    const std::string text = each["expr"].get<std::string>();
    for (const bool typed : {true, false}) {
      CAPTURE(each.dump());
      CAPTURE(typed);
      const Row row = row_of(each.value("names", Json::object()), typed);
      Kind kind = Kind::any;
      if (each.contains("error")) {
        ++errors;
        CHECK_THROWS_AS(run(db, text, row, kind), UsageError);
        continue;
      }
      ++results;
      const Value value = run(db, text, row, kind);
      CAPTURE(vernier::to_text(value));
      CHECK(same(value, each["result"], kind));
    }
  }
  MESSAGE("results " << results << ", errors " << errors);
}

}  // namespace vernier::store::test
