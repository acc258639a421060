#include "store/sqlite/guard.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/clock.h"
#include "core/error.h"
#include "core/text.h"

namespace vernier::store::sqlite {
namespace {

constexpr std::size_t most_bytes = std::size_t{512} << 20;

int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  const auto among = [](const char* word, auto... names) {
    return word && ((std::string_view(word) == names) || ...);
  };
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_FUNCTION:
      return among(second, "load_extension", "writefile", "readfile", "edit", "fts3_tokenizer")
                 ? SQLITE_DENY
                 : SQLITE_OK;
    case SQLITE_PRAGMA:
      return among(first, "table_info", "table_xinfo", "table_list") ? SQLITE_OK : SQLITE_DENY;
    default:
      return SQLITE_DENY;
  }
}

class Authorized {
 public:
  explicit Authorized(sqlite3* db) : db_(db) { sqlite3_set_authorizer(db_, authorize, nullptr); }
  Authorized(const Authorized&) = delete;
  ~Authorized() { sqlite3_set_authorizer(db_, nullptr, nullptr); }

 private:
  sqlite3* db_;
};

std::string suggestion(std::string_view message) {
  static const std::vector<std::string> tables = {"studies", "trials", "params", "curves"};
  static const std::vector<std::string> columns = {
      "study",   "created", "sampler",  "strategy",     "trials", "best",        "state",
      "seed",    "note",    "tags",     "number",       "value",  "steps",       "seconds",
      "params",  "kind",    "parent",   "best_step",    "device", "device_kind", "reason",
      "started", "ended",   "enqueued", "weights_hash", "name",   "step",        "metric"};
  for (const auto& [start, names] : {std::pair{std::string_view("no such table: "), &tables},
                                     std::pair{std::string_view("no such column: "), &columns}}) {
    if (message.starts_with(start)) return hint(message.substr(start.size()), *names);
  }
  return "";
}

[[noreturn]] void refuse(sqlite3* db) {
  const int code = sqlite3_errcode(db) & 0xFF;
  const std::string message = sqlite3_errmsg(db);
  if (code == SQLITE_AUTH)
    fail<UsageError>("[query] {}: only reading is allowed (SELECT or WITH)", message);
  const int offset = sqlite3_error_offset(db);
  if (offset >= 0) {
    fail<UsageError>("[query] column {}: {}{}", offset + 1, printable(message),
                     suggestion(message));
  }
  fail<UsageError>("[query] {}{}", printable(message), suggestion(message));
}

struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

}  // namespace

TimeLimit::TimeLimit(Connection& db, double seconds)
    : db_(db), until_(SystemClock().monotonic() + seconds) {
  sqlite3_progress_handler(
      db_.handle(), 10'000,
      [](void* self) {
        return static_cast<int>(SystemClock().monotonic() > static_cast<TimeLimit*>(self)->until_);
      },
      this);
}

TimeLimit::~TimeLimit() { sqlite3_progress_handler(db_.handle(), 0, nullptr, nullptr); }

Answer ask(Connection& db, const std::string& sql, double seconds) {
  if (sql.find('\0') != std::string::npos) fail<UsageError>("[query] a zero byte in the question");
  sqlite3* handle = db.handle();
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, 64 << 20);
  const Authorized authorized(handle);
  const TimeLimit limit(db, seconds);
  sqlite3_stmt* raw = nullptr;
  const char* tail = nullptr;
  if (sqlite3_prepare_v2(handle, sql.c_str(), static_cast<int>(sql.size()) + 1, &raw, &tail) !=
      SQLITE_OK)
    refuse(handle);
  const std::unique_ptr<sqlite3_stmt, Finalize> statement(raw);
  if (!raw) fail<UsageError>("[query] nothing is asked; expected one SELECT");
  if (!trim(tail).empty()) {
    sqlite3_stmt* second = nullptr;
    sqlite3_prepare_v2(handle, tail, -1, &second, nullptr);
    const bool more = second != nullptr;  // else a comment or blanks
    sqlite3_finalize(second);
    if (more || sqlite3_errcode(handle) != SQLITE_OK) {
      fail<UsageError>("[query] column {}: a second statement; expected one",
                       tail - sql.c_str() + 1);
    }
  }
  if (!sqlite3_stmt_readonly(raw))
    fail<UsageError>("[query] only reading is allowed (SELECT or WITH)");
  if (sqlite3_bind_parameter_count(raw) > 0)
    fail<UsageError>("[query] parameters (?) have no values here");
  Answer answer;
  const int count = sqlite3_column_count(raw);
  for (int i = 0; i < count; ++i) answer.columns.emplace_back(sqlite3_column_name(raw, i));
  std::size_t bytes = 0;
  for (;;) {
    const int code = sqlite3_step(raw);
    if (code == SQLITE_DONE) return answer;
    if (code != SQLITE_ROW) {
      switch (code & 0xFF) {
        case SQLITE_INTERRUPT:
          fail<UsageError>("[query] took longer than {} s and was ended", seconds);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
        case SQLITE_IOERR:
        case SQLITE_BUSY:
          db.fail("query");
        default:
          refuse(handle);
      }
    }
    std::vector<Value> row;
    row.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
      switch (sqlite3_column_type(raw, i)) {
        case SQLITE_INTEGER:
          row.emplace_back(std::int64_t{sqlite3_column_int64(raw, i)});
          break;
        case SQLITE_FLOAT:
          row.emplace_back(sqlite3_column_double(raw, i));
          break;
        case SQLITE_NULL:
          row.emplace_back();
          break;
        default: {
          const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(raw, i));
          row.emplace_back(std::string(text ? text : "",
                                       static_cast<std::size_t>(sqlite3_column_bytes(raw, i))));
          bytes += std::get<std::string>(row.back()).size();
        }
      }
    }
    bytes += row.size() * sizeof(Value);
    if (bytes > most_bytes)
      fail<UsageError>("[query] the answer is larger than {}", format_bytes(most_bytes));
    answer.rows.push_back(std::move(row));
  }
}

}  // namespace vernier::store::sqlite
