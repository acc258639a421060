#include "core/error.h"
#include "core/expr/expr.h"
#include "core/expr/lexer.h"

namespace vernier::expr {
namespace {

struct Look {
  std::string_view symbol;
  int strength;  // higher binds tighter
};

Look look(Op op) {
  switch (op) {
    case Op::or_:
      return {"or", 1};
    case Op::and_:
      return {"and", 2};
    case Op::not_:
      return {"not", 3};
    case Op::lt:
      return {"<", 4};
    case Op::le:
      return {"<=", 4};
    case Op::gt:
      return {">", 4};
    case Op::ge:
      return {">=", 4};
    case Op::eq:
      return {"=", 4};
    case Op::ne:
      return {"!=", 4};
    case Op::in:
      return {"in", 4};
    case Op::match:
      return {"~", 4};
    case Op::add:
      return {"+", 5};
    case Op::sub:
      return {"-", 5};
    case Op::mul:
      return {"*", 6};
    case Op::div:
      return {"/", 6};
    case Op::neg:
      return {"-", 7};
    case Op::literal:
    case Op::name:
    case Op::call:
      return {"", 8};
  }
  return {"", 8};
}

std::string in_quotes(std::string_view text, char quote) {
  std::string out(1, quote);
  for (const char c : text) {
    if (c == quote || (c == '\\' && quote != '`')) out += c;
    out += c;
  }
  out += quote;
  return out;
}

std::string literal(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text, '\'');
  std::string out = vernier::to_text(value);
  const bool whole_double = std::holds_alternative<double>(value) &&
                            out.find_first_not_of("-0123456789") == std::string::npos;
  return whole_double ? out + ".0" : out;
}

std::string name(const std::string& text) {
  return is_plain_name(text) ? text : in_quotes(text, '`');
}

/// In brackets where it binds less tightly than its place asks for.
std::string operand(const Node& node, int least) {
  std::string text = to_text(node);
  return look(node.op).strength >= least ? text : "(" + text + ")";
}

std::string list(std::span<const Node> nodes) {
  std::string out;
  for (const Node& node : nodes) {
    if (!out.empty()) out += ", ";
    out += to_text(node);
  }
  return "(" + out + ")";
}

}  // namespace

std::string to_text(const Node& node) {
  const auto [symbol, strength] = look(node.op);
  switch (node.op) {
    case Op::literal:
      return literal(node.value);
    case Op::name:
      return name(node.text);
    case Op::call:
      return name(node.text) + list(node.args);
    case Op::neg:
      return fmt::format("-{}", operand(node.args[0], strength));
    case Op::not_:
      if (node.args[0].op == Op::in) {
        const Node& in = node.args[0];
        return fmt::format("{} not in {}", operand(in.args[0], 5),
                           list(std::span(in.args).subspan(1)));
      }
      return fmt::format("not {}", operand(node.args[0], strength));
    case Op::in:
      return fmt::format("{} in {}", operand(node.args[0], 5),
                         list(std::span(node.args).subspan(1)));
    default: {
      // Chains of + and 'or' grow to the left; comparisons do not chain at all.
      const int left = strength == 4 ? 5 : strength;
      return fmt::format("{} {} {}", operand(node.args[0], left), symbol,
                         operand(node.args[1], strength + 1));
    }
  }
}

}  // namespace vernier::expr
