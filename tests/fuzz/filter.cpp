#include <cstdlib>
#include <iostream>

#include "core/error.h"
#include "core/expr/expr.h"
#include "store/query/clauses.h"
#include "store/query/compile.h"
#include "store/query/names.h"
#include "store/query/query.h"
#include "store/sqlite/functions.h"
#include "store/store.h"
#include "tests/fuzz/scratch.h"
#include "tests/fuzz/targets.h"
#include "tests/store/helpers.h"

namespace vernier::fuzz {
namespace {

using store::sqlite::Connection;

/// A small study, open for questions.
struct Asked {
  Scratch scratch;
  std::filesystem::path file = scratch / "filter.db";
  std::unique_ptr<Connection> db;
  store::NameTable names;
  std::vector<store::TrialRecord> trials;
  Asked() {
    {
      store::Store writer = store::Store::open(file, store::Mode::write);
      const auto id = writer.create_study(store::test::small_study());
      for (int n = 1; n <= 6; ++n) store::test::whole_trial(writer, id, n);
      trials = writer.trials(id);
    }
    db = std::make_unique<Connection>(file, store::sqlite::Access::read, 0);
    store::sqlite::add_functions(*db);
    names = store::name_table(*db, "mnist");
  }
};

/// Names whose meaning is plainly the record's; others are not compared.
std::optional<Value> known(const store::TrialRecord& trial, std::string_view name) {
  if (name == "number") return Value(std::int64_t{trial.number});
  if (name == "state") return Value(std::string(store::to_text(trial.state)));
  if (name == "steps") return Value(std::int64_t{trial.steps});
  if (name == "value") return trial.value ? Value(*trial.value) : Value();
  if (name == "seconds") return Value(trial.seconds);
  for (const char* parameter :
       {"model.depth", "train.lr", "model.activation", "model.batch_norm", "model.dropout"}) {
    if (name != parameter) continue;
    const Value* value = trial.config.find(name);
    return value ? *value : Value();
  }
  return std::nullopt;
}

void compare(Asked& asked, const std::string& text) {
  expr::Node node = expr::parse(text);
  expr::bind(node, asked.names.names());
  for (const std::string& name : expr::names(node))
    if (!known(asked.trials.front(), name)) return;
  std::vector<bool> expected;
  try {
    for (const auto& trial : asked.trials)
      expected.push_back(
          expr::holds(node, [&](std::string_view name) { return *known(trial, name); }));
  } catch (const UsageError&) {
    return;  // SQL may decide without looking at the part that is wrong
  }
  store::Compiler compiler(asked.names);
  const std::string where = compiler.condition(text);
  std::vector<bool> found;
  try {
    auto row = asked.db->query_values(
        fmt::format("SELECT {} {} WHERE t.study = 1 ORDER BY t.number", where, asked.names.from),
        compiler.bound());
    while (row.next()) found.push_back(!row.is_null(0) && row.integer(0) != 0);
  } catch (const StoreError&) {
    return;  // nested too deep for SQLite
  }
  if (found == expected) return;
  std::cerr << "SQL and core/expr differ: " << text << "\n" << where << "\n";
  std::abort();
}

}  // namespace

void filter(const std::uint8_t* data, std::size_t size) {
  static Asked asked;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    const store::Clauses clauses = store::split_clauses(text);
    if (!clauses.where.empty()) compare(asked, clauses.where);
  } catch (const UsageError&) {
  }
  try {
    store::Compiler compiler(asked.names);
    (void)compiler.value(text);
  } catch (const UsageError&) {
  }
  asked.db->forget_statements();
  // The whole question, now and then: it opens the file each time.
  static unsigned turn = 0;
  if (++turn % 64 != 0) return;
  try {
    (void)store::query(asked.file, text, {"mnist", 0});
  } catch (const Error&) {
  }
}

}  // namespace vernier::fuzz
