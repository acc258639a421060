#include "store/exports/csv_cell.h"

namespace vernier::store {
namespace {

bool starts_formula(std::string_view text) {
  const auto first = text.find_first_not_of('\'');
  return first != std::string_view::npos &&
         std::string_view("=+-@\t\r").find(text[first]) != std::string_view::npos;
}

}  // namespace

std::string csv_cell(const Value& value) {
  if (std::holds_alternative<std::monostate>(value)) return "";
  std::string text = vernier::to_text(value);
  const bool is_text = std::holds_alternative<std::string>(value);
  if (is_text && starts_formula(text)) text.insert(0, 1, '\'');
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string plain_text(std::string_view cell) {
  if (cell.starts_with('\'') && starts_formula(cell)) cell.remove_prefix(1);
  return std::string(cell);
}

}  // namespace vernier::store
