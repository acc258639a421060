// Comma-separated text (RFC 4180): quoted fields may hold commas, line ends and doubled quotes; LF or CRLF; a byte-order mark is skipped.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace vernier::engine {

struct CsvTable {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::vector<int> lines;  // where each row begins, 1-based
};

/// Blank lines are skipped. `name` is for messages. Throws UsageError "[name:LINE] ..." for an empty text, an empty or repeated column
/// name, a row with another number of fields than the header, a quote that is not closed or followed by text, and a zero byte.
CsvTable parse_csv(std::string_view text, const std::string& name);

}  // namespace vernier::engine
