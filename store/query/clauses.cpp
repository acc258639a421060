#include "store/query/clauses.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace vernier::store {
namespace {

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return result;
}

struct Piece {
  std::string_view text;
  std::size_t column;  // 1-based
};

/// The text outside quotes and brackets, as the places where a word or a separator stands.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    int depth = 0;
    for (std::size_t i = 0; i < text.size();) {
      const char c = text[i];
      if (c == '\'' || c == '"') {
        i = after_quote(i);
        continue;
      }
      if (c == '(') ++depth;
      if (c == ')') --depth;
      if (depth <= 0 && is_name(c)) {
        const std::size_t start = i;
        while (i < text.size() && is_name(text[i])) ++i;
        words_.push_back({text.substr(start, i - start), start});
        continue;
      }
      if (depth <= 0 && (c == ',' || c == ':')) words_.push_back({text.substr(i, 1), i});
      ++i;
    }
  }
  const std::vector<Piece>& words() const { return words_; }

 private:
  std::size_t after_quote(std::size_t i) const {
    const char quote = text_[i++];
    while (i < text_.size() && text_[i] != quote) i += text_[i] == '\\' ? 2 : 1;
    return std::min(i + 1, text_.size());
  }
  std::string_view text_;
  std::vector<Piece> words_;
};

enum class Clause { where, group, order, limit };

struct Start {
  Clause clause;
  std::size_t from, to;  // of the key words
};

std::vector<Start> find_starts(std::string_view text) {
  const Scanner scanner(text);
  const auto& words = scanner.words();
  std::vector<Start> starts{{Clause::where, 0, 0}};
  for (std::size_t i = 0; i + 1 < words.size(); ++i) {
    const std::string word = lower(words[i].text);
    const bool by = lower(words[i + 1].text) == "by";
    const auto next_end = words[i + 1].column + words[i + 1].text.size();
    if (word == "group" && by) starts.push_back({Clause::group, words[i].column, next_end});
    if (word == "order" && by) starts.push_back({Clause::order, words[i].column, next_end});
    // A parameter may be called limit: the clause is the one that a number ends.
    if (word == "limit" && i + 2 == words.size() && parse_int(words[i + 1].text)) {
      starts.push_back({Clause::limit, words[i].column, words[i].column + words[i].text.size()});
    }
  }
  return starts;
}

[[noreturn]] void wrong(std::string_view text, std::size_t at, const std::string& what) {
  fail<UsageError>("[{}] column {}: {}", printable(text), at + 1, what);
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> parts;
  std::size_t start = 0;
  const Scanner scanner(text);
  for (const Piece& word : scanner.words()) {
    if (word.text != ",") continue;
    parts.emplace_back(trim(text.substr(start, word.column - start)));
    start = word.column + 1;
  }
  parts.emplace_back(trim(text.substr(start)));
  return parts;
}

Aggregate parse_aggregate(std::string_view whole, std::size_t at, const std::string& text) {
  static const std::vector<std::string> known = {"mean", "min", "max", "median", "sum", "count"};
  const auto open = text.find('(');
  Aggregate aggregate{text, lower(trim(text.substr(0, open))), ""};
  if (std::find(known.begin(), known.end(), aggregate.function) == known.end()) {
    wrong(whole, at,
          fmt::format("unknown aggregate '{}'{}", printable(aggregate.function),
                      hint(aggregate.function, known)));
  }
  if (open != std::string::npos) {
    if (text.back() != ')')
      wrong(whole, at, fmt::format("'{}' has no closing bracket", printable(text)));
    aggregate.argument =
        std::string(trim(std::string_view(text).substr(open + 1, text.size() - open - 2)));
  }
  if (aggregate.argument.empty() && aggregate.function != "count") {
    wrong(whole, at,
          fmt::format("{} of what? expected for example {}(val_acc)", aggregate.function,
                      aggregate.function));
  }
  return aggregate;
}

void parse_group(std::string_view whole, std::size_t at, std::string_view text, Clauses& clauses) {
  std::size_t colon = std::string_view::npos;
  const Scanner scanner(text);
  for (const Piece& word : scanner.words()) {
    if (word.text == ":") {
      colon = word.column;
      break;
    }
  }
  clauses.group = split_list(text.substr(0, colon));
  for (const std::string& name : clauses.group) {
    if (name.empty())
      wrong(
          whole, at,
          "group by needs names; expected for example group by model.depth: mean(val_acc), count");
  }
  if (colon == std::string_view::npos) {
    clauses.aggregates.push_back({"count", "count", ""});
    return;
  }
  for (const std::string& part : split_list(text.substr(colon + 1))) {
    clauses.aggregates.push_back(parse_aggregate(whole, at + colon, part));
  }
}

void parse_order(std::string_view whole, std::size_t at, std::string_view text, Clauses& clauses) {
  clauses.order = std::string(trim(text));
  const auto last = clauses.order.find_last_of(" \t\n");
  const std::string direction =
      last == std::string::npos ? "" : lower(trim(clauses.order.substr(last + 1)));
  if (direction == "asc" || direction == "desc") {
    clauses.descending = direction == "desc";
    clauses.order = std::string(trim(clauses.order.substr(0, last)));
  }
  if (clauses.order.empty()) wrong(whole, at, "order by needs a name");
}

}  // namespace

Clauses split_clauses(std::string_view text) {
  Clauses clauses;
  const auto starts = find_starts(text);
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const Start& start = starts[i];
    if (i > 0 && start.clause <= starts[i - 1].clause) {
      wrong(text, start.from,
            "expected the order: condition, group by, order by, limit, each once");
    }
    const std::size_t end = i + 1 < starts.size() ? starts[i + 1].from : text.size();
    const std::string_view part = text.substr(start.to, end - start.to);
    switch (start.clause) {
      case Clause::where:
        clauses.where = std::string(trim(part));
        break;
      case Clause::group:
        parse_group(text, start.to, part, clauses);
        break;
      case Clause::order:
        parse_order(text, start.to, part, clauses);
        break;
      case Clause::limit:
        clauses.limit = parse_int(trim(part));
        if (!clauses.limit || *clauses.limit < 0)
          wrong(text, start.to, "limit needs a number, 0 or more");
        break;
    }
  }
  return clauses;
}

}  // namespace vernier::store
