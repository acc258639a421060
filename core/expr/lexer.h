// The words of an expression, one at a time.
#pragma once
#include <string>
#include <string_view>

#include "core/value.h"

namespace vernier::expr {

struct Token {
  enum class Kind { end, literal, name, keyword, symbol };
  Kind kind = Kind::end;
  /// A name without its backticks, a keyword in lower case, a symbol ("<>" as "!=", "==" as "="); of a literal, as it was written.
  std::string text;
  Value value;     // of a literal
  int column = 1;  // 1-based, in code points

  bool is_symbol(std::string_view s) const { return kind == Kind::symbol && text == s; }
  bool is_keyword(std::string_view s) const { return kind == Kind::keyword && text == s; }
};

class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}
  /// Throws UsageError for characters that begin nothing, open quotes and malformed numbers.
  Token next();

 private:
  bool more(std::size_t ahead = 0) const { return at_ + ahead < text_.size(); }
  char peek(std::size_t ahead = 0) const { return more(ahead) ? text_[at_ + ahead] : '\0'; }
  void skip_digits();
  void number(Token& token);
  std::string quoted(const Token& token);
  void word(Token& token);
  void symbol(Token& token);

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t counted_ = 0;  // bytes that column_ has counted
  int column_ = 1;
};

/// True where `text` reads back as one name without backticks.
bool is_plain_name(std::string_view text);
/// "[a < < b] column 5: " with the text shortened, for messages.
std::string error_prefix(std::string_view text, int column);

}  // namespace vernier::expr
