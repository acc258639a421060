#include "store/query/query.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "store/open.h"
#include "store/query/clauses.h"
#include "store/query/compile.h"
#include "store/query/groups.h"
#include "store/query/names.h"
#include "store/sqlite/curves_table.h"
#include "store/sqlite/functions.h"
#include "store/sqlite/guard.h"

namespace vernier::store {
namespace {

constexpr double most_seconds = 30;
constexpr int busy_ms = 5000;
constexpr int cache_kib = 2048;  // a scan reads each page once: more would only be memory to touch

std::unique_ptr<sqlite::Connection> connect(const std::filesystem::path& file) {
  inspect(file, false, true);
  auto db = connect_reader(file, busy_ms, cache_kib);
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

/// A SELECT under construction. Groups: the keys' expressions, then one argument for each function.
struct Question {
  std::vector<std::string> titles, expressions, functions;
  std::vector<Kind> kinds;
  std::string where = "1", order;
  std::optional<long long> limit;
  bool by_value = false;             // an index on (study, value) gives the order
  std::optional<std::size_t> first;  // groups: the column that orders them before their keys
  bool descending = false;

  void add(const std::string& title, const std::string& sql, Kind kind) {
    titles.push_back(title);
    expressions.push_back(sql);
    kinds.push_back(kind);
  }
  bool has(const std::string& title) const {
    return std::find(titles.begin(), titles.end(), title) != titles.end();
  }
};

/// The columns of table trial that SQL of a Compiler names. Literals are bound, so every letter is ours.
std::set<std::string, std::less<>> columns_of_trial(std::string_view sql) {
  std::set<std::string, std::less<>> named;
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
  };
  for (std::size_t i = 0; i + 1 < sql.size(); ++i) {
    if (sql[i] != 't' || sql[i + 1] != '.' || (i > 0 && in_name(sql[i - 1]))) continue;
    std::size_t end = i += 2;
    while (end < sql.size() && in_name(sql[end])) ++end;
    named.emplace(sql.substr(i, end - i));
  }
  return named;
}

/// How the trials of one study are walked. Left alone SQLite takes the index on values for its size, and then jumps about in the other tables.
std::string from_of(const NameTable& names, const Question& question) {
  if (names.study == 0) return names.from;
  const auto named = columns_of_trial(fmt::format("{} {} {}", fmt::join(question.expressions, " "),
                                                  question.where, question.order));
  // Every trial has a row of parameters: groups of nothing but settings and metrics need no other.
  if (named.empty())
    return fmt::format("FROM params_{0} p LEFT JOIN metrics_{0} m ON m.number = p.number",
                       names.study);
  static const std::set<std::string, std::less<>> scanned = {"study", "number", "state",
                                                             "value", "steps",  "seconds"};
  const bool covered = std::includes(scanned.begin(), scanned.end(), named.begin(), named.end());
  const char* index = question.by_value && question.limit ? "trial_value"
                      : covered                           ? "trial_scan"
                                                          : "sqlite_autoindex_trial_1";
  std::string from = names.from;
  from.replace(from.find("trial t"), 7, fmt::format("trial t INDEXED BY {}", index));
  return from + fmt::format(" WHERE t.study = {}", names.study);
}

std::string sql_of(const NameTable& names, const Question& question) {
  const std::string from = from_of(names, question);
  std::string sql =
      fmt::format("SELECT {} {} {} {}", fmt::join(question.expressions, ", "), from,
                  from.find(" WHERE ") == std::string::npos ? "WHERE" : "AND", question.where);
  if (!question.order.empty()) sql += " ORDER BY " + question.order;
  if (question.limit && question.functions.empty())
    sql += fmt::format(" LIMIT {}", *question.limit);
  return sql;
}

void hand_over(const Question& question, std::span<Value> row, RowSink& sink) {
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (question.kinds[i] != Kind::boolean) continue;
    if (const auto* integer = std::get_if<std::int64_t>(&row[i])) row[i] = *integer != 0;
  }
  sink.row(row);
}

void hand_over_groups(const Question& question, const Groups& groups, RowSink& sink) {
  auto rows = groups.rows();
  if (question.first) {
    std::stable_sort(rows.begin(), rows.end(), [&](const auto& a, const auto& b) {
      const Value &x = a[*question.first], &y = b[*question.first];
      const bool no_x = std::holds_alternative<std::monostate>(x),
                 no_y = std::holds_alternative<std::monostate>(y);
      if (no_x || no_y) return no_y && !no_x;
      const int order = compare_values(x, y);
      return question.descending ? order > 0 : order < 0;
    });
  }
  if (question.limit && *question.limit < static_cast<long long>(rows.size()))
    rows.resize(static_cast<std::size_t>(*question.limit));
  for (auto& row : rows) hand_over(question, row, sink);
}

void run(sqlite::Connection& db, const NameTable& names, const Question& question,
         const Compiler& compiler, RowSink& sink) {
  const sqlite::TimeLimit time(db, most_seconds);
  const bool grouped = !question.functions.empty();
  Groups groups(question.titles.size() - question.functions.size(), question.functions);
  std::vector<Value> values(question.expressions.size());
  try {
    auto row = db.query_values(sql_of(names, question), compiler.bound());
    sink.columns(question.titles);
    while (row.next()) {
      for (std::size_t i = 0; i < values.size(); ++i) row.read(static_cast<int>(i), values[i]);
      grouped ? groups.add(values) : hand_over(question, values, sink);
    }
  } catch (const StoreError&) {
    // What an expression does wrong with the values it meets, and one that nests too deep.
    if (const auto why = db.statement_error()) fail<UsageError>("[query] {}", printable(*why));
    throw;
  }
  if (grouped) hand_over_groups(question, groups, sink);
}

class TableSink : public RowSink {
 public:
  void columns(const std::vector<std::string>& names) override { table.columns = names; }
  void row(std::span<const Value> values) override {
    table.rows.emplace_back(values.begin(), values.end());
  }
  Table table;
};

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
  const auto known = names.names();
  for (const std::string& text : clauses.group) {
    expr::Node node = expr::parse(text);
    expr::bind(node, known);
    const Fragment part = compiler.compile(node);
    question.add(node.op == expr::Op::name ? node.text : text, part.sql, part.kind);
  }
  for (const Aggregate& aggregate : clauses.aggregates) {
    question.functions.push_back(aggregate.function);
    if (aggregate.argument.empty()) {
      question.add(aggregate.text, "1", Kind::number);
      continue;
    }
    const Fragment part = compiler.value(aggregate.argument);
    const bool any_type =
        aggregate.function == "count" || aggregate.function == "min" || aggregate.function == "max";
    if (part.kind == Kind::text && !any_type) {
      fail<UsageError>("[query] {}: a text has no {}; expected a number", printable(aggregate.text),
                       aggregate.function);
    }
    const bool own_kind = any_type && aggregate.function != "count";
    question.add(
        aggregate.text,
        any_type || part.kind != Kind::any ? part.sql : fmt::format("vr_number({})", part.sql),
        own_kind ? part.kind : Kind::number);
  }
  if (clauses.order.empty()) return;
  for (std::size_t i = 0; i < question.titles.size(); ++i) {
    const std::string& title = question.titles[i];
    if (title == clauses.order || title.ends_with("." + clauses.order)) {
      question.first = i;
      question.descending = clauses.descending.value_or(false);
      return;
    }
  }
  fail<UsageError>("[query] order by '{}' is no column of the groups{}", printable(clauses.order),
                   hint(clauses.order, question.titles));
}

void ask_trials(sqlite::Connection& db, const std::string& text, const QueryOptions& options,
                RowSink& sink) {
  const sqlite::ReadScope scope(db);
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
    question.by_value = clauses.order == "value";
  } else {
    group_trials(question, names, compiler, clauses);
  }
  question.limit = clauses.limit;
  if (options.limit > 0)
    question.limit = std::min<long long>(question.limit.value_or(options.limit), options.limit);
  run(db, names, question, compiler, sink);
}

}  // namespace

void query(const std::filesystem::path& file, const std::string& text, const QueryOptions& options,
           RowSink& sink) {
  const auto db = connect(file);
  if (!is_sql(text)) return ask_trials(*db, text, options, sink);
  sqlite::add_curves_table(*db);
  const sqlite::Answer answer = sqlite::ask(*db, text, most_seconds);
  sink.columns(answer.columns);
  const auto most =
      options.limit > 0 ? static_cast<std::size_t>(options.limit) : answer.rows.size();
  for (std::size_t i = 0; i < std::min(most, answer.rows.size()); ++i) sink.row(answer.rows[i]);
}

Table query(const std::filesystem::path& file, const std::string& text,
            const QueryOptions& options) {
  TableSink sink;
  query(file, text, options, sink);
  return std::move(sink.table);
}

Table top(const std::filesystem::path& file, const std::string& study, int n,
          const std::string& where, const std::string& sort) {
  const auto db = connect(file);
  const sqlite::ReadScope scope(*db);
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
  TableSink sink;
  run(*db, names, question, compiler, sink);
  return std::move(sink.table);
}

}  // namespace vernier::store
