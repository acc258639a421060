#include "store/query/query.h"

#include <algorithm>
#include <cctype>

#include "core/error.h"
#include "core/text.h"
#include "store/open.h"
#include "store/query/clauses.h"
#include "store/query/compile.h"
#include "store/query/names.h"
#include "store/sqlite/curves_table.h"
#include "store/sqlite/functions.h"
#include "store/sqlite/guard.h"

namespace vernier::store {
namespace {

constexpr double most_seconds = 30;
constexpr int busy_ms = 5000;

std::unique_ptr<sqlite::Connection> connect(const std::filesystem::path& file) {
  inspect(file, false, true);
  auto db = connect_reader(file, busy_ms);
  sqlite::add_functions(*db);
  return db;
}

bool is_sql(std::string_view text) {
  std::string word;
  for (const char c : trim(text)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter) break;
    word += static_cast<char>(c & ~0x20);
  }
  return word == "SELECT" || word == "WITH" || word == "EXPLAIN" || word == "PRAGMA" ||
         word == "VALUES";
}

/// A SELECT under construction.
struct Question {
  std::vector<std::string> titles, expressions;
  std::vector<Kind> kinds;
  std::string where = "1", group, order;
  std::optional<long long> limit;
  bool by_value = false;  // an index on (study, value) gives the order

  void add(const std::string& title, const std::string& sql, Kind kind) {
    titles.push_back(title);
    expressions.push_back(sql);
    kinds.push_back(kind);
  }
  bool has(const std::string& title) const {
    return std::find(titles.begin(), titles.end(), title) != titles.end();
  }
};

/// Whether SQL of a Compiler names table trial (t) or study (s). Literals are bound, so every letter is ours.
bool names_trial(std::string_view sql) {
  for (std::size_t i = 0; i + 1 < sql.size(); ++i) {
    const bool starts = i == 0 || !(std::isalnum(static_cast<unsigned char>(sql[i - 1])) ||
                                    sql[i - 1] == '_' || sql[i - 1] == '.');
    if (starts && (sql[i] == 't' || sql[i] == 's') && sql[i + 1] == '.') return true;
  }
  return false;
}

Table run(sqlite::Connection& db, const NameTable& names, const Question& question,
          const Compiler& compiler) {
  // Left alone SQLite takes the index on values for its size, and then jumps about in the other tables.
  std::string from = names.from;
  if (names.study && !question.by_value) {
    from.replace(from.find("trial t"), 7, "trial t INDEXED BY sqlite_autoindex_trial_1");
  }
  std::string sql =
      fmt::format("SELECT {} {} WHERE {} AND {}", fmt::join(question.expressions, ", "), from,
                  names.study ? fmt::format("t.study = {}", names.study) : "1", question.where);
  // Every trial has a row of parameters: groups of nothing but settings and metrics need no other.
  if (names.study && !question.group.empty() &&
      !names_trial(fmt::format("{}", fmt::join(question.expressions, ", "))) &&
      !names_trial(question.where) && !names_trial(question.order)) {
    sql = fmt::format(
        "SELECT {} FROM params_{} p LEFT JOIN metrics_{} m ON m.number = p.number WHERE {}",
        fmt::join(question.expressions, ", "), names.study, names.study, question.where);
  }
  if (!question.group.empty()) sql += " GROUP BY " + question.group;
  if (!question.order.empty()) sql += " ORDER BY " + question.order;
  if (question.limit) sql += fmt::format(" LIMIT {}", *question.limit);
  Table table;
  table.columns = question.titles;
  const sqlite::TimeLimit time(db, most_seconds);
  try {
    auto row = db.query_values(sql, compiler.bound());
    while (row.next()) {
      auto& values = table.rows.emplace_back();
      values.reserve(question.kinds.size());
      for (std::size_t i = 0; i < question.kinds.size(); ++i) {
        Value value = row.value(static_cast<int>(i));
        const auto* integer = std::get_if<std::int64_t>(&value);
        if (question.kinds[i] == Kind::boolean && integer) value = *integer != 0;
        values.push_back(std::move(value));
      }
    }
  } catch (const StoreError&) {
    // What an expression does wrong with the values it meets, and one that nests too deep.
    if (const auto why = db.statement_error()) fail<UsageError>("[query] {}", printable(*why));
    throw;
  }
  return table;
}

void show_trials(Question& question, const NameTable& names) {
  for (std::size_t i = 0; i < names.plain; ++i) {
    question.add(names.columns[i].name, names.columns[i].sql, names.columns[i].kind);
  }
}

/// Columns for what the text names and the plain ones lack.
void show_named(Question& question, const NameTable& names, Compiler& compiler,
                const std::string& text) {
  if (text.empty()) return;
  expr::Node node = expr::parse(text);
  const auto known = names.names();
  expr::bind(node, known);
  const auto visit = [&](const auto& self, const expr::Node& each) -> void {
    const bool is_summary =
        each.op == expr::Op::call && (each.text == "last" || each.text == "best");
    if (each.op == expr::Op::name || is_summary) {
      const std::string title = expr::to_text(each);
      const Fragment part = compiler.compile(each);
      if (!question.has(title)) question.add(title, part.sql, part.kind);
      return;
    }
    for (const auto& arg : each.args) self(self, arg);
  };
  visit(visit, node);
}

bool default_descending(const NameTable& names, const std::string& text) {
  expr::Node node = expr::parse(text);
  expr::bind(node, names.names());
  if (node.op == expr::Op::call && (node.text == "last" || node.text == "best") &&
      node.args.size() == 1)
    node = node.args[0];
  const Column* column = node.op == expr::Op::name ? names.find(node.text) : nullptr;
  return column && column->maximize;
}

std::string order_by(const NameTable& names, Compiler& compiler, const std::string& text,
                     bool descending) {
  std::string sql = compiler.value(text).sql;
  // The bare column lets an index serve.
  if (const Column* column = names.find(text)) sql = column->sql;
  return fmt::format("{} {} NULLS LAST, t.study, t.number", sql, descending ? "DESC" : "ASC");
}

void group_trials(Question& question, const NameTable& names, Compiler& compiler,
                  const Clauses& clauses) {
  std::vector<std::string> keys;
  const auto known = names.names();
  for (const std::string& text : clauses.group) {
    expr::Node node = expr::parse(text);
    expr::bind(node, known);
    const Fragment part = compiler.compile(node);
    question.add(node.op == expr::Op::name ? node.text : text, part.sql, part.kind);
    keys.push_back(part.sql);
  }
  for (const Aggregate& aggregate : clauses.aggregates) {
    if (aggregate.argument.empty()) {
      question.add(aggregate.text, "count(*)", Kind::number);
      continue;
    }
    const Fragment part = compiler.value(aggregate.argument);
    const bool any_type =
        aggregate.function == "count" || aggregate.function == "min" || aggregate.function == "max";
    if (part.kind == Kind::text && !any_type) {
      fail<UsageError>("[query] {}: a text has no {}; expected a number", printable(aggregate.text),
                       aggregate.function);
    }
    const std::string function = aggregate.function == "mean"     ? "avg"
                                 : aggregate.function == "median" ? "vr_median"
                                                                  : aggregate.function;
    const std::string argument =
        any_type || part.kind != Kind::any ? part.sql : fmt::format("vr_number({})", part.sql);
    question.add(aggregate.text, fmt::format("{}({})", function, argument),
                 any_type ? part.kind : Kind::number);
    if (aggregate.function == "count") question.kinds.back() = Kind::number;
  }
  question.group = join(keys, ", ");
  question.order = question.group;
  if (clauses.order.empty()) return;
  for (std::size_t i = 0; i < question.titles.size(); ++i) {
    const std::string& title = question.titles[i];
    if (title == clauses.order || title.ends_with("." + clauses.order)) {
      question.order =
          fmt::format("{} {} NULLS LAST, {}", question.expressions[i],
                      clauses.descending.value_or(false) ? "DESC" : "ASC", question.group);
      return;
    }
  }
  fail<UsageError>("[query] order by '{}' is no column of the groups{}", printable(clauses.order),
                   hint(clauses.order, question.titles));
}

Table ask_trials(sqlite::Connection& db, const std::string& text, const QueryOptions& options) {
  const Clauses clauses = split_clauses(text);
  const NameTable names = name_table(db, options.study);
  Compiler compiler(names);
  Question question;
  if (!clauses.where.empty()) question.where = compiler.condition(clauses.where);
  if (clauses.group.empty()) {
    show_trials(question, names);
    show_named(question, names, compiler, clauses.where);
    show_named(question, names, compiler, clauses.order);
    question.order = clauses.order.empty() ? "t.study, t.number"
                                           : order_by(names, compiler, clauses.order,
                                                      clauses.descending.value_or(false));
  } else {
    group_trials(question, names, compiler, clauses);
  }
  question.by_value = clauses.group.empty() && clauses.order == "value";
  question.limit = clauses.limit;
  if (options.limit > 0)
    question.limit = std::min<long long>(question.limit.value_or(options.limit), options.limit);
  return run(db, names, question, compiler);
}

}  // namespace

Table query(const std::filesystem::path& file, const std::string& text,
            const QueryOptions& options) {
  const auto db = connect(file);
  if (!is_sql(text)) return ask_trials(*db, text, options);
  sqlite::add_curves_table(*db);
  sqlite::Answer answer = sqlite::ask(*db, text, most_seconds);
  if (options.limit > 0 && answer.rows.size() > static_cast<std::size_t>(options.limit)) {
    answer.rows.resize(static_cast<std::size_t>(options.limit));
  }
  return {std::move(answer.columns), std::move(answer.rows)};
}

Table top(const std::filesystem::path& file, const std::string& study, int n,
          const std::string& where, const std::string& sort) {
  const auto db = connect(file);
  const NameTable names = name_table(*db, study);
  if (names.study == 0) fail<UsageError>("[top] which study? expected its name");
  Compiler compiler(names);
  Question question;
  question.where =
      "t.kind = 'search' AND t.state IN ('completed', 'stopped') AND t.value IS NOT NULL";
  if (!where.empty()) question.where += " AND " + compiler.condition(where);
  show_trials(question, names);
  show_named(question, names, compiler, where);
  Clauses by;
  by.order = "value";
  if (!sort.empty()) by = split_clauses("true order by " + sort);
  show_named(question, names, compiler, by.order);
  question.order = order_by(names, compiler, by.order,
                            by.descending.value_or(default_descending(names, by.order)));
  question.by_value = by.order == "value";
  question.limit = std::max(0, n);
  return run(*db, names, question, compiler);
}

}  // namespace vernier::store
