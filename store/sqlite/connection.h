// SQLite behind RAII: a connection with its prepared statements. Everything throws StoreError "[file] what: why".
// One thread per connection.
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/value.h"

struct sqlite3;
struct sqlite3_stmt;

namespace vernier::store::sqlite {

enum class Access { create, write, read, immutable };

/// A result that is being stepped through; gives its statement back when it goes.
class Cursor {
 public:
  Cursor(Cursor&& other) noexcept;
  Cursor& operator=(Cursor&&) = delete;
  ~Cursor();

  /// To the next row; false after the last.
  bool next();
  int columns() const;
  std::string name(int column) const;

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  double real(int column) const;  // NaN for NULL
  std::string text(int column) const;
  /// Valid until the next next().
  std::span<const std::byte> blob(int column) const;
  Value value(int column) const;
  /// The same into a value whose memory is used again.
  void read(int column, Value& into) const;
  std::optional<double> maybe_real(int column) const;
  std::optional<int> maybe_int(int column) const;

 private:
  friend class Connection;
  Cursor(class Connection& connection, sqlite3_stmt* statement, bool* busy);
  Connection* connection_;
  sqlite3_stmt* statement_;
  bool* busy_;  // nullptr: the statement is this cursor's own
};

class Connection {
 public:
  Connection(const std::filesystem::path& file, Access access, int busy_ms);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  const std::filesystem::path& file() const { return file_; }
  sqlite3* handle() const { return db_; }

  /// One or several statements without parameters or results.
  void execute(const std::string& sql);
  /// The statement is kept prepared under its text.
  template <class... Args>
  Cursor query(std::string_view sql, const Args&... args) const {
    Cursor cursor = prepare(sql);
    int index = 0;
    (bind(cursor, ++index, args), ...);
    (void)index;
    return cursor;
  }
  Cursor query_values(std::string_view sql, std::span<const Value> values) const;
  /// Runs to its end; rows changed.
  template <class... Args>
  int run(std::string_view sql, const Args&... args) const {
    Cursor cursor = query(sql, args...);
    while (cursor.next()) {
    }
    return changes();
  }
  /// Inserts the row under `from`, of any connection, into a table of this one, by the names of its columns.
  void copy_row(const Cursor& from, const std::string& table) const;
  std::int64_t last_id() const;
  /// How many statements that may change the file have begun: equal before and after, nothing was changed between.
  std::int64_t writes() const { return writes_; }
  bool in_transaction() const;
  /// ROLLBACK that never throws.
  void roll_back() noexcept;
  void forget_statements();

  /// For recovery: a file shorter than its header says is read as far as it goes, and its schema may be odd.
  void accept_damage();

  /// The last failure lies in the statement (SQLITE_ERROR), not in the file; its text.
  std::optional<std::string> statement_error() const;
  [[noreturn]] void fail(std::string_view doing) const;
  [[noreturn]] void damaged(std::string_view what) const;

 private:
  friend class Cursor;
  struct Prepared;
  Cursor prepare(std::string_view sql) const;
  int changes() const;
  void bind(Cursor& cursor, int index, std::nullptr_t) const;
  void bind(Cursor& cursor, int index, bool value) const {
    bind(cursor, index, std::int64_t{value});
  }
  void bind(Cursor& cursor, int index, int value) const {
    bind(cursor, index, std::int64_t{value});
  }
  void bind(Cursor& cursor, int index, std::uint32_t value) const {
    bind(cursor, index, static_cast<std::int64_t>(value));
  }
  void bind(Cursor& cursor, int index, std::int64_t value) const;
  void bind(Cursor& cursor, int index, double value) const;
  void bind(Cursor& cursor, int index, std::string_view value) const;
  void bind(Cursor& cursor, int index, const std::string& value) const {
    bind(cursor, index, std::string_view(value));
  }
  void bind(Cursor& cursor, int index, const char* value) const {
    bind(cursor, index, std::string_view(value));
  }
  void bind(Cursor& cursor, int index, std::span<const std::byte> value) const;
  void bind(Cursor& cursor, int index, const std::vector<std::byte>& value) const {
    bind(cursor, index, std::span<const std::byte>(value));
  }
  void bind(Cursor& cursor, int index, const Value& value) const;
  template <class T>
  void bind(Cursor& cursor, int index, const std::optional<T>& value) const {
    if (value) {
      bind(cursor, index, *value);
    } else {
      bind(cursor, index, nullptr);
    }
  }

  std::filesystem::path file_;
  sqlite3* db_ = nullptr;
  mutable std::int64_t writes_ = 0;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  mutable std::unordered_map<std::string, std::unique_ptr<Prepared>, Hash, std::equal_to<>>
      prepared_;
};

/// A read transaction, where none is open: several queries see one state of the file.
class ReadScope {
 public:
  explicit ReadScope(const Connection& db) : db_(db), own_(!db.in_transaction()) {
    if (own_) db_.run("BEGIN");
  }
  ReadScope(const ReadScope&) = delete;
  ~ReadScope() {
    if (own_) const_cast<Connection&>(db_).roll_back();
  }

 private:
  const Connection& db_;
  bool own_;
};

/// The whole database as it is at one moment, into a new file, durable. `from` may be written meanwhile by another process.
void copy_database(const Connection& from, const std::filesystem::path& to);

/// "name" as an identifier in SQL.
std::string quote_name(std::string_view name);
/// 'text' as a literal in SQL (views cannot hold bound parameters).
std::string quote_text(std::string_view text);

}  // namespace vernier::store::sqlite
