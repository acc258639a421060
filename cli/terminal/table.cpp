#include "cli/terminal/table.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>
#include <utility>

#include "core/text.h"
#include "store/exports/csv_cell.h"

namespace vernier::cli {
namespace {

std::string cell_text(const Value& value, int digits) {
  if (std::holds_alternative<std::monostate>(value)) return "-";
  if (const double* number = std::get_if<double>(&value)) return format_number(*number, digits);
  return printable(to_text(value));
}

// Narrows the widest columns until the line fits.
void shrink(std::vector<int>& widths, int room) {
  const int gaps = 2 * (static_cast<int>(widths.size()) - 1);
  while (std::accumulate(widths.begin(), widths.end(), gaps) > room) {
    auto widest = std::max_element(widths.begin(), widths.end());
    if (*widest <= 6) return;
    --*widest;
  }
}

}  // namespace

void print_table(std::ostream& out, const store::Table& table, const Terminal& terminal,
                 int digits) {
  const std::size_t columns = table.columns.size();
  std::vector<std::vector<std::string>> cells;
  std::vector<int> widths(columns);
  std::vector<bool> right(columns, true);
  for (std::size_t c = 0; c < columns; ++c) widths[c] = display_width(printable(table.columns[c]));
  for (const auto& row : table.rows) {
    auto& line = cells.emplace_back();
    for (std::size_t c = 0; c < columns; ++c) {
      line.push_back(cell_text(row[c], digits));
      widths[c] = std::max(widths[c], display_width(line.back()));
      if (std::holds_alternative<std::string>(row[c])) right[c] = false;
    }
  }
  if (terminal.interactive) shrink(widths, terminal.width);
  const auto padded = [&](const std::string& text, std::size_t c) {
    const std::string shown = fit(text, widths[c]);
    const std::string space(static_cast<std::size_t>(std::max(0, widths[c] - display_width(shown))),
                            ' ');
    if (right[c]) return space + shown;
    return c + 1 == columns ? shown : shown + space;
  };
  std::string header;
  for (std::size_t c = 0; c < columns; ++c)
    header += (c ? "  " : "") + padded(printable(table.columns[c]), c);
  fmt::print(out, "{}\n", paint(header, Paint::bold, terminal.colour));
  for (const auto& line : cells) {
    for (std::size_t c = 0; c < columns; ++c)
      fmt::print(out, "{}{}", c ? "  " : "", padded(line[c], c));
    fmt::print(out, "\n");
  }
}

namespace {

template <class Cells>
void csv_line(std::ostream& out, const Cells& cells) {
  const char* before = "";
  for (const auto& cell : cells)
    fmt::print(out, "{}{}", std::exchange(before, ","), store::csv_cell(cell));
  fmt::print(out, "\r\n");
}

Json object_of(const std::vector<std::string>& names, std::span<const Value> values) {
  Json object = Json::object();
  for (std::size_t c = 0; c < values.size(); ++c) object[names[c]] = to_json(values[c]);
  return object;
}

}  // namespace

void CsvPrinter::columns(const std::vector<std::string>& names) { csv_line(out_, names); }
void CsvPrinter::row(std::span<const Value> values) { csv_line(out_, values); }

void JsonPrinter::columns(const std::vector<std::string>& names) {
  names_ = names;
  fmt::print(out_, "{{\"columns\":{},\"rows\":[", Json(names).dump());
}
void JsonPrinter::row(std::span<const Value> values) {
  fmt::print(out_, "{}{}", first_ ? "" : ",", object_of(names_, values).dump());
  first_ = false;
}
void JsonPrinter::finish() { fmt::print(out_, "]}}\n"); }

void print_csv(std::ostream& out, const store::Table& table) {
  CsvPrinter printer(out);
  printer.columns(table.columns);
  for (const auto& row : table.rows) printer.row(row);
}

Json table_json(const store::Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) rows.push_back(object_of(table.columns, row));
  return rows;
}

}  // namespace vernier::cli
