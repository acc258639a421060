// The question around the expression: EXPR group by NAME, ...: AGGREGATE, ... order by NAME asc|desc limit N, every part
// optional.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vernier::store {

struct Aggregate {
  std::string text;      // as written; the column's title
  std::string function;  // mean, min, max, median, sum, count
  std::string argument;  // an expression; empty for count
};

struct Clauses {
  std::string where;
  std::vector<std::string> group;
  std::vector<Aggregate> aggregates;
  std::string order;
  std::optional<bool> descending;  // nullopt: not said
  std::optional<long long> limit;
};

/// Throws UsageError with the column.
Clauses split_clauses(std::string_view text);

}  // namespace vernier::store
