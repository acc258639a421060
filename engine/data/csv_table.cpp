#include "engine/data/csv_table.h"

#include <unordered_set>

#include "core/error.h"
#include "core/text.h"

namespace vernier::engine {
namespace {

class Parser {
 public:
  Parser(std::string_view text, const std::string& name) : text_(text), name_(name) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  int line() const { return line_; }

  /// The next record that is not a blank line; empty at the end.
  std::vector<std::string> record(int& begins) {
    while (at_ < text_.size() && end_of_line()) skip_end_of_line();
    begins = line_;
    std::vector<std::string> fields;
    if (at_ >= text_.size()) return fields;
    for (;;) {
      fields.push_back(field());
      if (at_ >= text_.size()) return fields;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      skip_end_of_line();
      return fields;
    }
  }

 private:
  bool end_of_line() const {
    return text_[at_] == '\n' ||
           (text_[at_] == '\r' && (at_ + 1 == text_.size() || text_[at_ + 1] == '\n'));
  }
  void skip_end_of_line() {
    at_ += text_[at_] == '\r' && at_ + 1 < text_.size() ? 2 : 1;
    ++line_;
  }
  void refuse_zero(char c) const {
    if (c == '\0') fail<UsageError>("[{}:{}] a zero byte; expected a text file", name_, line_);
  }

  std::string field() {
    if (at_ < text_.size() && text_[at_] == '"') return quoted();
    const std::size_t from = at_;
    while (at_ < text_.size() && text_[at_] != ',' && !end_of_line()) refuse_zero(text_[at_++]);
    return std::string(trim(text_.substr(from, at_ - from)));
  }

  std::string quoted() {
    const int opened = line_;
    std::string value;
    for (++at_; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      refuse_zero(c);
      if (c == '"') {
        if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
          ++at_;
        } else {
          ++at_;
          if (at_ < text_.size() && text_[at_] != ',' && !end_of_line()) {
            fail<UsageError>(
                "[{}:{}] text after the closing quote of \"{}\"; expected a comma or the line's "
                "end",
                name_, line_, printable(value.substr(0, 40)));
          }
          return value;
        }
      }
      if (c == '\n') ++line_;
      value += c;
    }
    fail<UsageError>("[{}:{}] a quote is not closed; expected \" before the end of the file", name_,
                     opened);
  }

  std::string_view text_;
  const std::string& name_;
  std::size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

CsvTable parse_csv(std::string_view text, const std::string& name) {
  Parser parser(text, name);
  CsvTable table;
  int line = 1;
  table.header = parser.record(line);
  if (table.header.empty())
    fail<UsageError>("[{}:1] the file is empty; expected a header line with column names", name);
  std::unordered_set<std::string> seen;
  for (std::size_t c = 0; c < table.header.size(); ++c) {
    if (table.header[c].empty())
      fail<UsageError>("[{}:{}] column {} has no name; expected one in the header line", name, line,
                       c + 1);
    if (!seen.insert(table.header[c]).second) {
      fail<UsageError>("[{}:{}] column name '{}' appears twice; expected different names", name,
                       line, printable(table.header[c]));
    }
  }
  for (;;) {
    std::vector<std::string> row = parser.record(line);
    if (row.empty()) return table;
    if (row.size() != table.header.size()) {
      fail<UsageError>("[{}:{}] {} fields; expected {}, as in the header", name, line, row.size(),
                       table.header.size());
    }
    table.rows.push_back(std::move(row));
    table.lines.push_back(line);
  }
}

}  // namespace vernier::engine
