// What an expression over trials may name, and what each name is in SQL.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "store/sqlite/connection.h"

namespace vernier::store {

enum class Kind { number, boolean, text, any };

struct Column {
  std::string name;
  std::string sql;  // an expression over t (trial), s (study), p (params_N), m (metrics_N)
  Kind kind = Kind::number;
  bool metric = false;
  std::string last, best;  // sql of last(name) and best(name), of metrics
  bool maximize = false;   // of metrics and value
};

struct NameTable {
  std::int64_t study = 0;       // 0: every study
  std::string from;             // FROM and JOIN
  std::vector<Column> columns;  // the first `plain` are shown always
  std::size_t plain = 0;

  const Column* find(const std::string& name) const;
  std::vector<std::string> names() const;
};

/// `study` empty: the only one, or every one, with the names that all have. Throws NotFoundError.
NameTable name_table(const sqlite::Connection& db, const std::string& study);

}  // namespace vernier::store
