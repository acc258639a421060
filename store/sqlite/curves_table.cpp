#include "store/sqlite/curves_table.h"

#include <sqlite3.h>

#include <exception>
#include <map>
#include <memory>

#include "core/error.h"
#include "core/text.h"
#include "store/curve/codec.h"

namespace vernier::store::sqlite {
namespace {

enum Column { study_column, number_column, step_column, metric_column, value_column };

struct CurvesTable : sqlite3_vtab {
  Connection* db = nullptr;
};

struct Point {
  int step;
  const std::string* metric;
  double value;
};

/// Walks trial by trial; the points of one trial are in memory.
struct CurvesCursor : sqlite3_vtab_cursor {
  std::optional<std::string> metric;
  std::optional<std::int64_t> step;
  std::unique_ptr<Cursor> trials;
  std::map<std::int64_t, std::map<std::uint32_t, std::string>> metrics;  // by study
  std::string study;
  std::int64_t number = 0;
  std::vector<Point> points;
  std::size_t at = 0;
  sqlite3_int64 row = 0;
  bool done = false;

  Connection& db() const { return *static_cast<CurvesTable*>(pVtab)->db; }

  const std::map<std::uint32_t, std::string>& names(std::int64_t id) {
    const auto [found, fresh] = metrics.try_emplace(id);
    if (fresh) {
      auto each = db().query("SELECT k, name FROM metric WHERE study = ?", id);
      while (each.next()) found->second[static_cast<std::uint32_t>(each.integer(0))] = each.text(1);
    }
    return found->second;
  }

  void add(int point_step, const std::map<std::uint32_t, std::string>& known, std::uint32_t id,
           double value) {
    const auto name = known.find(id);
    if (name == known.end()) throw StoreError("damaged: a curve of an unknown metric");
    if (step && *step != point_step) return;
    if (metric && *metric != name->second) return;
    points.push_back({point_step, &name->second, value});
  }

  void load(std::int64_t id) {
    const auto& known = names(id);
    auto hot = db().query(
        "SELECT step, row FROM epoch_hot WHERE study = ?1 AND number = ?2 AND step = ifnull(?3, "
        "step)",
        id, number, step);
    while (hot.next()) {
      const int hot_step = static_cast<int>(hot.integer(0));
      const HotRow unpacked = unpack_row(hot.blob(1), static_cast<int>(number), hot_step);
      for (const auto* part : {&unpacked.results, &unpacked.timings}) {
        for (const auto& [k, value] : *part) add(hot_step, known, k, value);
      }
    }
    auto sealed = db().query(
        "SELECT metric, crc, chunk FROM curve WHERE study = ? AND number = ? ORDER BY position", id,
        number);
    while (sealed.next()) {
      const auto k = static_cast<std::uint32_t>(sealed.integer(0));
      const auto name = known.find(k);
      if (name == known.end()) throw StoreError("damaged: a curve of an unknown metric");
      if (metric && *metric != name->second) continue;
      const auto bytes = sealed.blob(2);
      if (chunk_crc(static_cast<int>(number), name->second, bytes) != sealed.integer(1)) {
        throw StoreError("damaged: the checksum of the curve '" + printable(name->second) +
                         "' differs");
      }
      const Chunk chunk = unpack_chunk(bytes);
      for (std::size_t i = 0; i < chunk.steps.size(); ++i)
        add(chunk.steps[i], known, k, chunk.values[i]);
    }
  }

  /// To the next trial that has points.
  void advance() {
    points.clear();
    at = 0;
    while (points.empty()) {
      if (!trials->next()) {
        done = true;
        return;
      }
      study = trials->text(2);
      number = trials->integer(1);
      try {
        load(trials->integer(0));
      } catch (const StoreError& error) {
        throw StoreError(printable(study) + "#" + std::to_string(number) + ": " + error.what());
      }
    }
  }
};

/// Nothing may be thrown through SQLite.
template <class Body>
int guarded(sqlite3_vtab* table, const Body& body) {
  try {
    body();
    return SQLITE_OK;
  } catch (const std::exception& error) {
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_mprintf("%s", error.what());
    return SQLITE_ERROR;
  }
}

int connect(sqlite3* db, void* connection, int, const char* const*, sqlite3_vtab** table, char**) {
  const int code = sqlite3_declare_vtab(
      db, "CREATE TABLE curves(study TEXT, number INTEGER, step INTEGER, metric TEXT, value REAL)");
  if (code != SQLITE_OK) return code;
  sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
  auto made = std::make_unique<CurvesTable>();
  static_cast<sqlite3_vtab&>(*made) = {};
  made->db = static_cast<Connection*>(connection);
  *table = made.release();
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  const std::unique_ptr<CurvesTable> owned(static_cast<CurvesTable*>(table));
  return SQLITE_OK;
}

int best_index(sqlite3_vtab*, sqlite3_index_info* info) {
  int args = 0, used = 0;
  double cost = 1e8;
  // In this order the values arrive in filter(): bit 1 study, 2 number, 4 step, 8 metric.
  for (const int column : {study_column, number_column, step_column, metric_column}) {
    for (int i = 0; i < info->nConstraint; ++i) {
      const auto& constraint = info->aConstraint[i];
      const bool by_binary = column != study_column && column != metric_column
                                 ? true
                                 : sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0;
      if (!constraint.usable || constraint.op != SQLITE_INDEX_CONSTRAINT_EQ ||
          constraint.iColumn != column || !by_binary) {
        continue;
      }
      info->aConstraintUsage[i].argvIndex = ++args;
      used |= 1 << column;
      cost /= column == number_column ? 1e4 : 10;
      break;
    }
  }
  info->idxNum = used;
  info->estimatedCost = cost;
  info->estimatedRows = static_cast<sqlite3_int64>(cost);
  return SQLITE_OK;
}

int open_cursor(sqlite3_vtab*, sqlite3_vtab_cursor** cursor) {
  *cursor = std::make_unique<CurvesCursor>().release();
  return SQLITE_OK;
}

int close_cursor(sqlite3_vtab_cursor* cursor) {
  const std::unique_ptr<CurvesCursor> owned(static_cast<CurvesCursor*>(cursor));
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* raw, int used, const char*, int, sqlite3_value** values) {
  auto& cursor = *static_cast<CurvesCursor*>(raw);
  return guarded(raw->pVtab, [&] {
    std::optional<std::string> study;
    std::optional<std::int64_t> number;
    cursor.metric.reset();
    cursor.step.reset();
    cursor.done = false;
    cursor.row = 0;
    int next = 0;
    for (const int column : {study_column, number_column, step_column, metric_column}) {
      if (!(used & 1 << column)) continue;
      sqlite3_value* value = values[next++];
      const bool is_text = column == study_column || column == metric_column;
      // SQLite checks every row again; a value of another type merely is not used here.
      if (sqlite3_value_type(value) != (is_text ? SQLITE_TEXT : SQLITE_INTEGER)) continue;
      if (is_text) {
        const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(value));
        (column == study_column ? study : cursor.metric) =
            std::string(data ? data : "", static_cast<std::size_t>(sqlite3_value_bytes(value)));
      } else {
        (column == number_column ? number : cursor.step) = sqlite3_value_int64(value);
      }
    }
    std::string sql =
        "SELECT t.study, t.number, s.name FROM study s JOIN trial t ON t.study = s.id";
    if (study && number) {
      sql += " WHERE s.name = ? AND t.number = ?";
      cursor.trials = std::make_unique<Cursor>(cursor.db().query(sql, *study, *number));
    } else if (study) {
      cursor.trials = std::make_unique<Cursor>(
          cursor.db().query(sql + " WHERE s.name = ? ORDER BY t.number", *study));
    } else if (number) {
      cursor.trials = std::make_unique<Cursor>(
          cursor.db().query(sql + " WHERE t.number = ? ORDER BY s.id", *number));
    } else {
      cursor.trials = std::make_unique<Cursor>(cursor.db().query(sql + " ORDER BY s.id, t.number"));
    }
    cursor.advance();
  });
}

int next_row(sqlite3_vtab_cursor* raw) {
  auto& cursor = *static_cast<CurvesCursor*>(raw);
  return guarded(raw->pVtab, [&] {
    ++cursor.row;
    if (++cursor.at >= cursor.points.size()) cursor.advance();
  });
}

int at_end(sqlite3_vtab_cursor* raw) { return static_cast<CurvesCursor*>(raw)->done; }

int column_value(sqlite3_vtab_cursor* raw, sqlite3_context* context, int column) {
  const auto& cursor = *static_cast<CurvesCursor*>(raw);
  const auto text = [&](const std::string& value) {
    sqlite3_result_text64(context, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  };
  const Point& point = cursor.points[cursor.at];
  switch (column) {
    case study_column:
      text(cursor.study);
      break;
    case number_column:
      sqlite3_result_int64(context, cursor.number);
      break;
    case step_column:
      sqlite3_result_int(context, point.step);
      break;
    case metric_column:
      text(*point.metric);
      break;
    default:
      sqlite3_result_double(context, point.value);
  }
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* raw, sqlite3_int64* id) {
  *id = static_cast<CurvesCursor*>(raw)->row;
  return SQLITE_OK;
}

}  // namespace

void add_curves_table(Connection& db) {
  static const sqlite3_module module = [] {
    sqlite3_module m{};
    m.xConnect = connect;  // no xCreate: it exists by its name alone
    m.xBestIndex = best_index;
    m.xDisconnect = disconnect;
    m.xOpen = open_cursor;
    m.xClose = close_cursor;
    m.xFilter = filter;
    m.xNext = next_row;
    m.xEof = at_end;
    m.xColumn = column_value;
    m.xRowid = row_id;
    return m;
  }();
  if (sqlite3_create_module_v2(db.handle(), "curves", &module, &db, nullptr) != SQLITE_OK)
    db.fail("register curves");
  // Its declaration would not pass the authorizer of a question: connect it now.
  db.run("SELECT 1 FROM curves LIMIT 0");
}

}  // namespace vernier::store::sqlite
