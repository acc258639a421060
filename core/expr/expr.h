// The one expression language: conditions and constraints of a space, filters of `vernier query` and of the page.
//   or | and | not | = == != < <= > >= | in (a, b) / not in | is null / is not null | ~ (contains, ASCII case folded) | + - * / | unary - | ( )
//   literals: 12, 1e-3, "text", 'text', true, false, null; names: model.depth, `any name`; calls: last(val_acc), log(x)
//   In texts a backslash takes the next character as it is, and a doubled quote is one; in `names` only the doubled quote.
//   Keywords in any case. <> is !=. Comparisons do not chain. At most 200 levels of nesting or links of a chain.
// Missing values (null) behave as in SQL: arithmetic and comparison give null, and/or are three-valued, a condition holds
// only where the result is true. Arithmetic is in doubles; / is real division; not-a-number and x / 0 are null. Booleans
// count as 1 and 0. A number never equals a text and < <= > >= between them are null. Texts are ordered byte by byte;
// ~ looks for the right side's text in the left side's. Functions of evaluate(): log (natural), log10, exp, sqrt, abs, round (half
// away from 0), floor, ceil, min, max (2 or more values); null where an argument is null or outside the domain; is_null, never null.
// tests/fixtures/expr_cases.json holds the cases that C++, the SQL compiler of store/query and the page's filter share.
#pragma once
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/value.h"

namespace vernier::expr {

enum class Op {
  literal,
  name,
  call,
  neg,
  not_,
  add,
  sub,
  mul,
  div,
  lt,
  le,
  gt,
  ge,
  eq,
  ne,
  and_,
  or_,
  in,     // args[0] in args[1..]
  match,  // args[0] ~ args[1]
};

struct Node {
  Op op = Op::literal;
  Value value;       // of a literal
  std::string text;  // of a name or call
  std::vector<Node> args;
  int column = 1;  // 1-based, in the expression's text
};

/// Throws UsageError naming the expression, the column, what was found and what was expected.
Node parse(std::string_view text);

/// Replaces every name by the full one of `known` (a name may be shortened to its last dotted part, or parts, where that is
/// unique). A bare unknown word compared (= != in ~) with a known name becomes a text literal (`state = completed`).
/// Throws UsageError for unknown names (with the nearest one) and ambiguous ones (with the candidates). Call it as expr::bind:
/// unqualified and with a std::vector it would be std::bind.
void bind(Node& node, std::span<const std::string> known);

/// The lookup gives monostate for a missing value. Throws UsageError for unknown functions and texts in arithmetic.
using Lookup = std::function<Value(std::string_view name)>;
Value evaluate(const Node& node, const Lookup& lookup);

/// True exactly where evaluate gives true or a number other than 0.
bool holds(const Node& node, const Lookup& lookup);

/// Each call f(NAME) of one of these functions becomes a name, "f(NAME)", for a lookup that knows what evaluate() does not.
void name_calls(Node& node, std::span<const std::string_view> functions);

/// Every name in it, once, in order of appearance.
std::vector<std::string> names(const Node& node);

/// Text that parses to the same tree.
std::string to_text(const Node& node);

}  // namespace vernier::expr
