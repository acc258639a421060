#include "store/query/names.h"

#include "core/error.h"
#include "core/text.h"

namespace vernier::store {
namespace {

constexpr const char* tag_sql =
    "ifnull((SELECT group_concat(tag.tag, ' ') FROM tag WHERE tag.study = t.study AND tag.number = "
    "t.number), '')";
constexpr const char* note_sql =
    "ifnull((SELECT text FROM note WHERE note.study = t.study AND note.number = t.number), '')";

Kind kind_of(const std::string& type) {
  if (type == "bool") return Kind::boolean;
  return type == "float" || type == "int" ? Kind::number : Kind::any;
}

std::int64_t find_study(const sqlite::Connection& db, const std::string& name) {
  std::vector<std::string> names;
  std::int64_t only = 0;
  auto row = db.query("SELECT id, name FROM study ORDER BY id");
  while (row.next()) {
    if (row.text(1) == name) return row.integer(0);
    names.push_back(row.text(1));
    only = row.integer(0);
  }
  if (name.empty()) return names.size() == 1 ? only : 0;
  fail<NotFoundError>("[{}] no study '{}'{}", db.file().string(), printable(name),
                      names.empty() ? std::string("; there is none yet") : hint(name, names));
}

}  // namespace

const Column* NameTable::find(const std::string& name) const {
  for (const Column& column : columns) {
    if (column.name == name) return &column;
  }
  return nullptr;
}

std::vector<std::string> NameTable::names() const {
  std::vector<std::string> all;
  for (const Column& column : columns) all.push_back(column.name);
  return all;
}

NameTable name_table(const sqlite::Connection& db, const std::string& study) {
  NameTable table;
  table.study = find_study(db, study);
  const std::int64_t id = table.study;
  const auto add = [&](std::string name, std::string sql, Kind kind) -> Column& {
    return table.columns.emplace_back(
        Column{std::move(name), std::move(sql), kind, false, "", "", false});
  };
  table.from = "FROM trial t";
  if (id == 0) {
    table.from += " JOIN study s ON s.id = t.study";
    add("study", "s.name", Kind::text);
  }
  add("number", "t.number", Kind::number);
  add("state", "t.state", Kind::text);
  Column& value = add("value", "t.value", Kind::number);
  if (auto row = db.query("SELECT maximize FROM goal WHERE study = ? AND k = 0", id); row.next()) {
    value.maximize = row.integer(0) != 0;
  }
  add("steps", "t.steps", Kind::number);
  add("seconds", "t.seconds", Kind::number);
  if (id != 0) {
    table.from += fmt::format(
        " LEFT JOIN params_{0} p ON p.number = t.number LEFT JOIN metrics_{0} m ON m.number = "
        "t.number",
        id);
    auto row = db.query("SELECT k, name, type FROM param WHERE study = ? ORDER BY k", id);
    while (row.next()) {
      // A parameter called like a column of trials is reached through SQL alone.
      if (!table.find(row.text(1)))
        add(row.text(1), fmt::format("p.p{}", row.integer(0)), kind_of(row.text(2)));
    }
  }
  table.plain = table.columns.size();
  add("device", "t.device", Kind::text);
  add("reason", "t.reason", Kind::text);
  add("tag", tag_sql, Kind::text);
  add("note", note_sql, Kind::text);
  add("started", "t.started", Kind::number);
  add("ended", "t.ended", Kind::number);
  add("kind", "t.kind", Kind::text);
  if (id == 0) return table;
  for (const char* fact : {"parameters", "flops", "bytes"}) {
    if (!table.find(fact)) add(fact, fmt::format("m.{}", fact), Kind::number);
  }
  auto row =
      db.query("SELECT k, name, maximize FROM metric WHERE study = ? AND wide ORDER BY k", id);
  while (row.next()) {
    const auto k = row.integer(0);
    if (table.find(row.text(1))) continue;
    Column& column = add(row.text(1), fmt::format("m.m{}_at_best", k), Kind::number);
    column.metric = true;
    column.maximize = row.integer(2) != 0;
    column.last = fmt::format("m.m{}_last", k);
    column.best = fmt::format("m.m{}_best", k);
  }
  return table;
}

}  // namespace vernier::store
