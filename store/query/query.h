// Questions to the database: filter expressions over trials, or read-only SQL over the documented views.
#pragma once
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/value.h"

namespace vernier::store {

struct Table {
  std::vector<std::string> columns;
  std::vector<std::vector<Value>> rows;
};

struct QueryOptions {
  std::string
      study;  // empty: every study (expressions then name only what all have: state, value, steps, ...)
  int limit = 0;  // 0: none beyond the query's own
};

/// `text` that begins with SELECT, WITH, EXPLAIN or PRAGMA table_info is SQL over studies, trials, params, params_wide_N, curves; anything else is
/// an expression: `depth >= 2 and train.lr < 0.1 order by val_acc desc limit 10`, `group by model.depth: mean(val_acc), count`.
/// Throws UsageError with column and nearest name for a wrong question, StoreError for the file.
Table query(const std::filesystem::path& file, const std::string& text,
            const QueryOptions& options);

/// Takes an answer row by row, so that one of any length needs the memory of a row.
class RowSink {
 public:
  virtual ~RowSink() = default;
  /// Once, before the rows.
  virtual void columns(const std::vector<std::string>& names) = 0;
  /// The values are valid until it returns.
  virtual void row(std::span<const Value> values) = 0;
};
void query(const std::filesystem::path& file, const std::string& text, const QueryOptions& options,
           RowSink& sink);

/// `top`: finished search trials of a study by objective (or `sort`), best first.
Table top(const std::filesystem::path& file, const std::string& study, int n,
          const std::string& where, const std::string& sort);

}  // namespace vernier::store
