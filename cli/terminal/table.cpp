#include "cli/terminal/table.h"

#include <fmt/ostream.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <ostream>

#include "core/text.h"

namespace vernier::cli {
namespace {

std::string cell_text(const Value& value, int digits) {
  if (std::holds_alternative<std::monostate>(value)) return "-";
  if (const double* number = std::get_if<double>(&value)) return format_number(*number, digits);
  return printable(to_text(value));
}

std::string csv_text(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  std::string text = to_text(value);
  const bool is_text = std::holds_alternative<std::string>(value);
  if (is_text && !text.empty() &&
      std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos)
    text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
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

void print_csv(std::ostream& out, const store::Table& table) {
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    fmt::print(out, "{}{}", c ? "," : "", csv_text(table.columns[c]));
  fmt::print(out, "\r\n");
  for (const auto& row : table.rows) {
    for (std::size_t c = 0; c < row.size(); ++c)
      fmt::print(out, "{}{}", c ? "," : "", csv_text(row[c]));
    fmt::print(out, "\r\n");
  }
}

Json table_json(const store::Table& table) {
  Json rows = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (std::size_t c = 0; c < row.size(); ++c) object[table.columns[c]] = to_json(row[c]);
    rows.push_back(std::move(object));
  }
  return rows;
}

}  // namespace vernier::cli
