// Tables for people, and the same rows as CSV and JSON.
#pragma once
#include <iosfwd>
#include <string>
#include <vector>

#include "cli/terminal/terminal.h"
#include "core/json.h"
#include "core/value.h"
#include "store/query/query.h"

namespace vernier::cli {

/// Numbers to the right with `digits` significant digits, texts to the left; columns that do not fit the terminal are cut at the widest.
void print_table(std::ostream& out, const store::Table& table, const Terminal& terminal,
                 int digits = 5);
/// RFC 4180 with a header line; texts that a spreadsheet would run as a formula get a leading apostrophe.
class CsvPrinter : public store::RowSink {
 public:
  explicit CsvPrinter(std::ostream& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override;
  void row(std::span<const Value> values) override;

 private:
  std::ostream& out_;
};
/// {"columns": [names], "rows": [objects]} in a line, complete after finish().
class JsonPrinter : public store::RowSink {
 public:
  explicit JsonPrinter(std::ostream& out) : out_(out) {}
  void columns(const std::vector<std::string>& names) override;
  void row(std::span<const Value> values) override;
  void finish();

 private:
  std::ostream& out_;
  std::vector<std::string> names_;
  bool first_ = true;
};
void print_csv(std::ostream& out, const store::Table& table);
/// An array of objects.
Json table_json(const store::Table& table);

}  // namespace vernier::cli
