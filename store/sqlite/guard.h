// What a question from outside may do on a connection: read, alone, for a limited time.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/value.h"
#include "store/sqlite/connection.h"

namespace vernier::store::sqlite {

struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

/// Runs one SELECT, WITH, VALUES, EXPLAIN or PRAGMA table_info under an authorizer that allows reading alone. Throws
/// UsageError with the column of what is wrong, and where it takes longer than `seconds` or gives more than 512 MB.
Answer ask(Connection& db, const std::string& sql, double seconds);

/// Ends statements that take longer than `seconds`, while it lives.
class TimeLimit {
 public:
  TimeLimit(Connection& db, double seconds);
  TimeLimit(const TimeLimit&) = delete;
  ~TimeLimit();

 private:
  Connection& db_;
  double until_;
};

}  // namespace vernier::store::sqlite
