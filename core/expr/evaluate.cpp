#include <cmath>

#include "core/error.h"
#include "core/expr/expr.h"
#include "core/expr/functions.h"

namespace vernier::expr {
namespace {

/// Three-valued: nullopt is SQL's unknown.
using Truth = std::optional<bool>;

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

/// A text is never true.
Truth truth(const Value& value) {
  if (is_null(value)) return std::nullopt;
  if (!is_number(value)) return false;
  return as_number(value) != 0;
}

Value from_truth(Truth t) { return t ? Value(*t) : Value(); }

std::string folded(const Value& value) {
  std::string text = vernier::to_text(value);
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return text;
}

template <class T>
bool ordered(Op op, const T& a, const T& b) {
  switch (op) {
    case Op::lt:
      return a < b;
    case Op::le:
      return a <= b;
    case Op::gt:
      return a > b;
    case Op::ge:
      return a >= b;
    case Op::eq:
      return a == b;
    default:
      return a != b;
  }
}

/// A number never equals a text, and neither comes before the other.
Truth compare(Op op, const Value& a, const Value& b) {
  if (is_null(a) || is_null(b)) return std::nullopt;
  if (is_number(a) != is_number(b)) {
    if (op == Op::eq || op == Op::ne) return op == Op::ne;
    return std::nullopt;
  }
  if (!is_number(a)) return ordered(op, std::get<std::string>(a), std::get<std::string>(b));
  const auto* i = std::get_if<std::int64_t>(&a);
  const auto* j = std::get_if<std::int64_t>(&b);
  if (i != nullptr && j != nullptr) return ordered(op, *i, *j);
  return ordered(op, as_number(a), as_number(b));
}

Truth contains(const Value& text, const Value& part) {
  if (is_null(text) || is_null(part)) return std::nullopt;
  return folded(text).find(folded(part)) != std::string::npos;
}

Truth is_among(std::span<const Value> args) {
  bool unknown = is_null(args[0]);
  for (const Value& candidate : args.subspan(1)) {
    const Truth equal = compare(Op::eq, args[0], candidate);
    if (equal == true) return true;
    unknown = unknown || !equal;
  }
  return unknown ? Truth() : Truth(false);
}

/// `deciding` settles the result whatever the other side is: false for and, true for or.
Truth combine(Truth a, Truth b, bool deciding) {
  if (a == deciding || b == deciding) return deciding;
  return a && b ? Truth(!deciding) : Truth();
}

Value arithmetic(const Node& node, const Value& left, const Value& right) {
  if (is_null(left) || is_null(right)) return {};
  const double a = numeric(left, node.args[0]), b = numeric(right, node.args[1]);
  switch (node.op) {
    case Op::add:
      return from_number(a + b);
    case Op::sub:
      return from_number(a - b);
    case Op::mul:
      return from_number(a * b);
    default:
      return b == 0 ? Value() : from_number(a / b);
  }
}

Value apply_op(const Node& node, std::span<const Value> args) {
  switch (node.op) {
    case Op::call:
      return call_function(node, args);
    case Op::neg:
      // As SQLite does it: the negative of 0 is 0, also as a text.
      return is_null(args[0]) ? Value() : from_number(0 - numeric(args[0], node.args[0]));
    case Op::not_: {
      const Truth t = truth(args[0]);
      return t ? Value(!*t) : Value();
    }
    case Op::and_:
      return from_truth(combine(truth(args[0]), truth(args[1]), false));
    case Op::or_:
      return from_truth(combine(truth(args[0]), truth(args[1]), true));
    case Op::in:
      return from_truth(is_among(args));
    case Op::match:
      return from_truth(contains(args[0], args[1]));
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
      return arithmetic(node, args[0], args[1]);
    default:
      return from_truth(compare(node.op, args[0], args[1]));
  }
}

}  // namespace

Value evaluate(const Node& node, const Lookup& lookup) {
  if (node.op == Op::literal) return node.value;
  if (node.op == Op::name) {
    Value value = lookup(node.text);
    const auto* number = std::get_if<double>(&value);
    return number != nullptr && std::isnan(*number) ? Value() : value;
  }
  // Both sides of and/or too: whether an expression is in error does not depend on the values.
  std::vector<Value> args;
  args.reserve(node.args.size());
  for (const Node& arg : node.args) args.push_back(evaluate(arg, lookup));
  return apply_op(node, args);
}

bool holds(const Node& node, const Lookup& lookup) { return truth(evaluate(node, lookup)) == true; }

}  // namespace vernier::expr
