#include "core/expr/lexer.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "core/text.h"

namespace vernier::expr {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
/// Letters of other scripts are taken as they come, byte by byte.
bool starts_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool continues_word(char c) { return starts_word(c) || is_digit(c) || c == '.'; }

/// The keyword that `word` is in any case, or an empty text.
std::string_view keyword(std::string_view word) {
  constexpr std::array<std::string_view, 8> keywords{"and", "or",   "not",   "in",
                                                     "is",  "true", "false", "null"};
  std::string lower(word);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  const auto found = std::find(keywords.begin(), keywords.end(), lower);
  return found == keywords.end() ? std::string_view() : *found;
}

bool is_dotted_word(std::string_view text) {
  return !text.empty() && starts_word(text.front()) && text.back() != '.' &&
         text.find("..") == std::string_view::npos;
}

}  // namespace

bool is_plain_name(std::string_view text) {
  return is_dotted_word(text) && std::all_of(text.begin(), text.end(), continues_word) &&
         keyword(text).empty();
}

std::string error_prefix(std::string_view text, int column) {
  constexpr std::size_t limit = 80;
  return fmt::format("[{}{}] column {}: ", printable(text.substr(0, limit)),
                     text.size() > limit ? "..." : "", column);
}

Token Lexer::next() {
  while (more() && is_space(peek())) ++at_;
  for (; counted_ < at_; ++counted_) {
    if ((static_cast<unsigned char>(text_[counted_]) & 0xC0) != 0x80) ++column_;
  }
  Token token;
  token.column = column_;
  if (!more()) return token;
  const char c = peek();
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
    number(token);
  } else if (c == '\'' || c == '"') {
    const std::size_t first = at_;
    token.value = quoted(token);
    token.kind = Token::Kind::literal;
    token.text = text_.substr(first, at_ - first);
  } else if (c == '`') {
    token.text = quoted(token);
    token.kind = Token::Kind::name;
  } else if (starts_word(c)) {
    word(token);
  } else {
    symbol(token);
  }
  return token;
}

void Lexer::skip_digits() {
  while (is_digit(peek())) ++at_;
}

void Lexer::number(Token& token) {
  const std::size_t first = at_;
  bool whole = true;
  skip_digits();
  if (peek() == '.') {
    whole = false;
    ++at_;
    skip_digits();
  }
  const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
  if ((peek() == 'e' || peek() == 'E') && is_digit(peek(1 + sign))) {
    whole = false;
    at_ += 1 + sign;
    skip_digits();
  }
  const bool joined = more() && continues_word(peek());
  while (more() && continues_word(peek())) ++at_;
  token.kind = Token::Kind::literal;
  token.text = text_.substr(first, at_ - first);
  const auto real = parse_double(token.text);
  if (joined || !real) {
    fail<UsageError>("{}'{}' is not a number; expected for example 12, 0.5 or 1e-3",
                     error_prefix(text_, token.column), printable(token.text));
  }
  // Too large for an integer: a real number like any other.
  const auto integer = whole ? parse_int(token.text) : std::nullopt;
  token.value = integer ? Value(std::int64_t{*integer}) : Value(*real);
}

std::string Lexer::quoted(const Token& token) {
  const char quote = text_[at_++];
  std::string content;
  while (more()) {
    const char c = text_[at_++];
    if (c == quote) {
      if (peek() != quote) return content;
      ++at_;
    } else if (c == '\\' && quote != '`' && more()) {
      content += text_[at_++];
      continue;
    }
    content += c;
  }
  fail<UsageError>("{}a text without an end; expected a closing {}",
                   error_prefix(text_, token.column), quote);
}

void Lexer::word(Token& token) {
  const std::size_t first = at_;
  while (more() && continues_word(peek())) ++at_;
  token.text = text_.substr(first, at_ - first);
  if (const std::string_view known = keyword(token.text); !known.empty()) {
    token.kind = Token::Kind::keyword;
    token.text = known;
    return;
  }
  token.kind = Token::Kind::name;
  if (!is_dotted_word(token.text)) {
    fail<UsageError>("{}'{}' is not a name; expected for example depth or model.depth",
                     error_prefix(text_, token.column), printable(token.text));
  }
}

void Lexer::symbol(Token& token) {
  constexpr std::string_view single = "<>=~+-*/(),";
  constexpr std::array<std::string_view, 5> pairs{"==", "!=", "<=", ">=", "<>"};
  token.kind = Token::Kind::symbol;
  for (const std::string_view pair : pairs) {
    if (text_.substr(at_, 2) == pair) {
      at_ += 2;
      token.text = pair == "==" ? "=" : pair == "<>" ? "!=" : pair;
      return;
    }
  }
  token.text = text_[at_];
  if (single.find(token.text) == std::string_view::npos) {
    const std::string_view instead = token.text == "&"   ? "'and'"
                                     : token.text == "|" ? "'or'"
                                     : token.text == "!" ? "'not' or '!='"
                                                         : "a name, a value or an operator";
    fail<UsageError>("{}found '{}'; expected {}", error_prefix(text_, token.column),
                     printable(token.text), instead);
  }
  ++at_;
}

}  // namespace vernier::expr
