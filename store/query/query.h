// Questions to the database: filter expressions over trials, or read-only SQL over the documented views.
#pragma once
#include <filesystem>
#include <optional>
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

/// `top`: finished search trials of a study by objective (or `sort`), best first.
Table top(const std::filesystem::path& file, const std::string& study, int n,
          const std::string& where, const std::string& sort);

}  // namespace vernier::store
