#include "store/sqlite/connection.h"

#include <sqlite3.h>

#include <cmath>

#include "core/error.h"

namespace vernier::store::sqlite {

struct Connection::Prepared {
  sqlite3_stmt* statement = nullptr;
  bool busy = false;
  ~Prepared() { sqlite3_finalize(statement); }
};

namespace {

std::string uri(const std::filesystem::path& file, Access access) {
  std::string text = "file:";
  for (const char c : std::filesystem::absolute(file).string()) {
    if (c == '%' || c == '?' || c == '#' || static_cast<unsigned char>(c) < 0x20) {
      text += fmt::format("%{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c;
    }
  }
  text += access == Access::create  ? "?mode=rwc"
          : access == Access::write ? "?mode=rw"
                                    : "?mode=ro";
  if (access == Access::immutable) text += "&immutable=1";
  return text;
}

}  // namespace

Connection::Connection(const std::filesystem::path& file, Access access, int busy_ms)
    : file_(file) {
  const int flags = SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (access == Access::create  ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
                     : access == Access::write ? SQLITE_OPEN_READWRITE
                                               : SQLITE_OPEN_READONLY);
  if (sqlite3_open_v2(uri(file, access).c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string why = db_ ? sqlite3_errmsg(db_) : "out of memory";
    sqlite3_close(db_);
    db_ = nullptr;
    vernier::fail<StoreError>("[{}] cannot open the database: {}", file.string(), why);
  }
  sqlite3_busy_timeout(db_, busy_ms);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  // A quoted word that is no column must be an error, not a text.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
}

Connection::~Connection() {
  prepared_.clear();
  sqlite3_close_v2(db_);
}

std::optional<std::string> Connection::statement_error() const {
  if ((sqlite3_errcode(db_) & 0xFF) != SQLITE_ERROR) return std::nullopt;
  return sqlite3_errmsg(db_);
}

void Connection::fail(std::string_view doing) const {
  const int code = sqlite3_errcode(db_);
  const std::string why = sqlite3_errmsg(db_);
  switch (code & 0xFF) {
    case SQLITE_CORRUPT:
      damaged(why);
    case SQLITE_NOTADB:
      vernier::fail<StoreError>("[{}] not a database, or damaged: {}; expected a Vernier database",
                                file_.string(), why);
    case SQLITE_FULL:
      vernier::fail<StoreError>("[{}] the disk is full; nothing of this change was kept",
                                file_.string());
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      vernier::fail<StoreError>("[{}] busy: another process holds the database ({})",
                                file_.string(), why);
    default:
      vernier::fail<StoreError>("[{}] {}: {} (SQLite {})", file_.string(), doing, why, code);
  }
}

void Connection::damaged(std::string_view what) const {
  vernier::fail<StoreError>("[{}] the database is damaged: {}", file_.string(), what);
}

void Connection::execute(const std::string& sql) {
  ++writes_;
  if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
    fail(sql.substr(0, 60));
  }
}

Cursor Connection::prepare(std::string_view sql) const {
  auto found = prepared_.find(sql);
  if (found == prepared_.end())
    found = prepared_.emplace(std::string(sql), std::make_unique<Prepared>()).first;
  auto& slot = found->second;
  const bool own = slot->busy;
  sqlite3_stmt* statement = own ? nullptr : slot->statement;
  if (!statement) {
    const char* tail = nullptr;
    if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                           own ? 0 : SQLITE_PREPARE_PERSISTENT, &statement, &tail) != SQLITE_OK) {
      fail(sql.substr(0, 60));
    }
    if (!statement) vernier::fail<StoreError>("[{}] empty statement", file_.string());
    if (!own) slot->statement = statement;
  }
  if (!own) slot->busy = true;
  if (sqlite3_stmt_readonly(statement) == 0) ++writes_;
  return Cursor(const_cast<Connection&>(*this), statement, own ? nullptr : &slot->busy);
}

Cursor Connection::query_values(std::string_view sql, std::span<const Value> values) const {
  Cursor cursor = prepare(sql);
  int index = 0;
  for (const Value& value : values) bind(cursor, ++index, value);
  return cursor;
}

void Connection::copy_row(const Cursor& from, const std::string& table) const {
  const int columns = from.columns();
  std::string names, marks;
  for (int i = 0; i < columns; ++i) {
    names += (i ? ", " : "") + quote_name(from.name(i));
    marks += i ? ", ?" : "?";
  }
  Cursor cursor = prepare(fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names, marks));
  for (int i = 0; i < columns; ++i) {
    if (sqlite3_bind_value(cursor.statement_, i + 1, sqlite3_column_value(from.statement_, i)) !=
        SQLITE_OK)
      fail("copy a row");
  }
  cursor.next();
}

int Connection::changes() const { return sqlite3_changes(db_); }
std::int64_t Connection::last_id() const { return sqlite3_last_insert_rowid(db_); }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }
void Connection::roll_back() noexcept {
  if (in_transaction()) sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
}
void Connection::accept_damage() {
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 0, nullptr);
  execute("PRAGMA writable_schema = ON");
}
void Connection::forget_statements() { prepared_.clear(); }

void Connection::bind(Cursor& cursor, int index, std::nullptr_t) const {
  if (sqlite3_bind_null(cursor.statement_, index) != SQLITE_OK) fail("bind");
}
void Connection::bind(Cursor& cursor, int index, std::int64_t value) const {
  if (sqlite3_bind_int64(cursor.statement_, index, value) != SQLITE_OK) fail("bind");
}
void Connection::bind(Cursor& cursor, int index, double value) const {
  // SQLite keeps NaN as NULL.
  if (sqlite3_bind_double(cursor.statement_, index, value) != SQLITE_OK) fail("bind");
}
void Connection::bind(Cursor& cursor, int index, std::string_view value) const {
  if (sqlite3_bind_text64(cursor.statement_, index, value.data() ? value.data() : "", value.size(),
                          SQLITE_TRANSIENT, SQLITE_UTF8) != SQLITE_OK) {
    fail("bind a text");
  }
}
void Connection::bind(Cursor& cursor, int index, std::span<const std::byte> value) const {
  const int code = value.empty() ? sqlite3_bind_zeroblob(cursor.statement_, index, 0)
                                 : sqlite3_bind_blob64(cursor.statement_, index, value.data(),
                                                       value.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) fail("bind a blob");
}
void Connection::bind(Cursor& cursor, int index, const Value& value) const {
  struct {
    const Connection& connection;
    Cursor& cursor;
    int index;
    void operator()(std::monostate) const { connection.bind(cursor, index, nullptr); }
    void operator()(bool x) const { connection.bind(cursor, index, std::int64_t{x}); }
    void operator()(std::int64_t x) const { connection.bind(cursor, index, x); }
    void operator()(double x) const { connection.bind(cursor, index, x); }
    void operator()(const std::string& x) const {
      connection.bind(cursor, index, std::string_view(x));
    }
  } visitor{*this, cursor, index};
  std::visit(visitor, value);
}

Cursor::Cursor(Connection& connection, sqlite3_stmt* statement, bool* busy)
    : connection_(&connection), statement_(statement), busy_(busy) {}

Cursor::Cursor(Cursor&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      busy_(std::exchange(other.busy_, nullptr)) {}

Cursor::~Cursor() {
  if (!statement_) return;
  if (busy_) {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
    *busy_ = false;
  } else {
    sqlite3_finalize(statement_);
  }
}

bool Cursor::next() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  const char* sql = sqlite3_sql(statement_);
  connection_->fail(std::string_view(sql ? sql : "").substr(0, 60));
}

int Cursor::columns() const { return sqlite3_column_count(statement_); }
std::string Cursor::name(int column) const {
  const char* text = sqlite3_column_name(statement_, column);
  return text ? text : "";
}
bool Cursor::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
std::int64_t Cursor::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Cursor::real(int column) const {
  return is_null(column) ? std::nan("") : sqlite3_column_double(statement_, column);
}
std::string Cursor::text(int column) const {
  const auto* data = sqlite3_column_text(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return data ? std::string(reinterpret_cast<const char*>(data), static_cast<std::size_t>(size))
              : "";
}
std::span<const std::byte> Cursor::blob(int column) const {
  const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return {data, data ? static_cast<std::size_t>(size) : 0};
}
Value Cursor::value(int column) const {
  Value value;
  read(column, value);
  return value;
}
// One thread per connection: the value may be looked at without SQLite's lock.
void Cursor::read(int column, Value& into) const {
  sqlite3_value* cell = sqlite3_column_value(statement_, column);
  switch (sqlite3_value_type(cell)) {
    case SQLITE_INTEGER:
      into = std::int64_t{sqlite3_value_int64(cell)};
      break;
    case SQLITE_FLOAT:
      into = sqlite3_value_double(cell);
      break;
    case SQLITE_NULL:
      into = std::monostate{};
      break;
    default: {
      const auto* data = reinterpret_cast<const char*>(sqlite3_value_text(cell));
      const auto size = static_cast<std::size_t>(sqlite3_value_bytes(cell));
      const std::string_view text(data ? data : "", data ? size : 0);
      if (auto* kept = std::get_if<std::string>(&into)) {
        kept->assign(text);
      } else {
        into.emplace<std::string>(text);
      }
    }
  }
}
std::optional<double> Cursor::maybe_real(int column) const {
  if (is_null(column)) return std::nullopt;
  return real(column);
}
std::optional<int> Cursor::maybe_int(int column) const {
  if (is_null(column)) return std::nullopt;
  return static_cast<int>(integer(column));
}

void copy_database(const Connection& from, const std::filesystem::path& to) {
  Connection target(to, Access::create, 0);
  sqlite3_backup* work = sqlite3_backup_init(target.handle(), "main", from.handle(), "main");
  if (!work) target.fail("copy the database");
  sqlite3_backup_step(work, -1);  // all at once: a copy in pieces starts again at every change
  if (sqlite3_backup_finish(work) != SQLITE_OK) target.fail("copy the database");
}

std::string quote_name(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    if (c == '"') text += '"';
    text += c;
  }
  return text + '"';
}

std::string quote_text(std::string_view value) {
  std::string text = "'";
  for (const char c : value) {
    if (c == '\'') text += '\'';
    text += c;
  }
  return text + '\'';
}

}  // namespace vernier::store::sqlite
