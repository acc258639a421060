#include "core/expr/functions.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "core/error.h"
#include "core/expr/lexer.h"
#include "core/text.h"

namespace vernier::expr {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

struct Unary {
  std::string_view name;
  double (*apply)(double);
};

constexpr std::array<Unary, 8> unary{{
    {"log", [](double x) { return x > 0 ? std::log(x) : nan; }},
    {"log10", [](double x) { return x > 0 ? std::log10(x) : nan; }},
    {"exp", [](double x) { return std::exp(x); }},
    {"sqrt", [](double x) { return x >= 0 ? std::sqrt(x) : nan; }},
    {"abs", [](double x) { return std::abs(x); }},
    {"round", [](double x) { return std::round(x); }},
    {"floor", [](double x) { return std::floor(x); }},
    {"ceil", [](double x) { return std::ceil(x); }},
}};

void check_count(const Node& node, bool right, std::string_view expected) {
  if (right) return;
  fail<UsageError>("{}{}() got {} values; expected {}", error_prefix(to_text(node), node.column),
                   node.text, node.args.size(), expected);
}

}  // namespace

double numeric(const Value& value, const Node& node) {
  if (is_number(value)) return as_number(value);
  fail<UsageError>("{}the text '{}' in arithmetic; expected a number",
                   error_prefix(to_text(node), node.column), printable(vernier::to_text(value)));
}

Value from_number(double number) { return std::isnan(number) ? Value() : Value(number); }

Value call_function(const Node& node, std::span<const Value> args) {
  const auto is_null = [](const Value& v) { return std::holds_alternative<std::monostate>(v); };
  const bool any_null = std::any_of(args.begin(), args.end(), is_null);
  if (node.text == "is_null") {
    check_count(node, args.size() == 1, "1");
    return any_null;
  }
  for (const Unary& function : unary) {
    if (function.name != node.text) continue;
    check_count(node, args.size() == 1, "1");
    return any_null ? Value() : from_number(function.apply(numeric(args[0], node.args[0])));
  }
  const bool is_min = node.text == "min", is_max = node.text == "max";
  if (!is_min && !is_max) {
    std::vector<std::string> known{"min", "max", "is_null"};
    for (const Unary& function : unary) known.emplace_back(function.name);
    fail<UsageError>("{}unknown function '{}'{}", error_prefix(to_text(node), node.column),
                     printable(node.text), hint(node.text, known));
  }
  // With one value the store has aggregates of these names.
  check_count(node, args.size() >= 2, "2 or more");
  if (any_null) return {};
  double best = numeric(args[0], node.args[0]);
  for (std::size_t i = 1; i < args.size(); ++i) {
    const double next = numeric(args[i], node.args[i]);
    best = is_min ? std::min(best, next) : std::max(best, next);
  }
  return from_number(best);
}

}  // namespace vernier::expr
