#include "store/query/compile.h"

#include <algorithm>

#include "core/error.h"
#include "core/text.h"

namespace vernier::store {

using expr::Node;
using expr::Op;

namespace {

bool is_numeric(Kind kind) { return kind == Kind::number || kind == Kind::boolean; }

const char* operator_of(Op op) {
  switch (op) {
    case Op::and_:
      return "AND";
    case Op::or_:
      return "OR";
    case Op::add:
      return "+";
    case Op::sub:
      return "-";
    case Op::mul:
      return "*";
    case Op::div:
      return "/";
    case Op::lt:
      return "<";
    case Op::le:
      return "<=";
    case Op::gt:
      return ">";
    default:
      return ">=";
  }
}

[[noreturn]] void wrong(const Node& node, const std::string& what) {
  fail<UsageError>("[{}] column {}: {}", printable(expr::to_text(node)), node.column, what);
}

}  // namespace

std::string Compiler::bind(Value value) {
  bound_.push_back(std::move(value));
  return fmt::format("?{}", bound_.size());
}

Fragment Compiler::value(const std::string& text) {
  Node node = expr::parse(text);
  const auto known = names_.names();
  expr::bind(node, known);
  return compile(node);
}

std::string Compiler::condition(const std::string& text) {
  Node node = expr::parse(text);
  const auto known = names_.names();
  expr::bind(node, known);
  return truth(compile(node));
}

Fragment Compiler::compile(const Node& node) {
  switch (node.op) {
    case Op::literal:
      return literal(node);
    case Op::name:
      return name(node);
    case Op::call:
      return call(node);
    case Op::neg:
      return {fmt::format("(-{})", number(node.args[0], compile(node.args[0]))), Kind::number,
              true};
    case Op::not_:
      return {fmt::format("(NOT {})", truth(compile(node.args[0]))), Kind::boolean};
    case Op::and_:
    case Op::or_:
    case Op::add:
    case Op::sub:
    case Op::mul:
    case Op::div:
      return chain(node);
    case Op::eq:
      return equal(node.args[0], node.args[1]);
    case Op::ne:
      return {fmt::format("(NOT {})", equal(node.args[0], node.args[1]).sql), Kind::boolean};
    case Op::in:
      return among(node);
    case Op::match:
      return {fmt::format("vr_contains({}, {})", text(node.args[0]), text(node.args[1])),
              Kind::boolean};
    default:
      return compare(node);
  }
}

/// a + b + c, not ((a + b) + c): SQLite's parser refuses some hundred brackets.
Fragment Compiler::chain(const Node& node) {
  const bool logic = node.op == Op::and_ || node.op == Op::or_;
  const Fragment left = compile(node.args[0]);
  const bool joins = left.op == node.op && !left.bare.empty();
  const std::string first = joins ? left.bare : logic ? truth(left) : number(node.args[0], left);
  const std::string second =
      logic ? truth(compile(node.args[1])) : number(node.args[1], compile(node.args[1]));
  const std::string bare = fmt::format("{} {} {}", first, operator_of(node.op), second);
  return {"(" + bare + ")", logic ? Kind::boolean : Kind::number, !logic, bare, node.op};
}

Fragment Compiler::literal(const Node& node) {
  const Value& value = node.value;
  const Kind kind = std::holds_alternative<bool>(value)          ? Kind::boolean
                    : std::holds_alternative<std::string>(value) ? Kind::text
                    : is_number(value)                           ? Kind::number
                                                                 : Kind::any;
  return {bind(value), kind};
}

Fragment Compiler::name(const Node& node) {
  const Column* column = names_.find(node.text);
  if (!column)
    wrong(node, fmt::format("unknown name '{}'{}", printable(node.text),
                            hint(node.text, names_.names())));
  // The plus takes the column's affinity away: SQLite would turn '3' into 3 to compare it with an INTEGER column.
  return {fmt::format("(+{})", column->sql), column->kind};
}

Fragment Compiler::call(const Node& node) {
  if (node.text == "last" || node.text == "best") {
    const Column* column = node.args.size() == 1 && node.args[0].op == Op::name
                               ? names_.find(node.args[0].text)
                               : nullptr;
    if (!column || !column->metric) {
      std::vector<std::string> metrics;
      for (const Column& each : names_.columns) {
        if (each.metric) metrics.push_back(each.name);
      }
      wrong(node, fmt::format("{}() takes one metric; expected {}", node.text,
                              metrics.empty() ? std::string("a metric, and there is none yet")
                                              : join(metrics, ", ")));
    }
    return {fmt::format("(+{})", node.text == "last" ? column->last : column->best), Kind::number};
  }
  if (node.text == "is_null") {
    if (node.args.size() != 1)
      wrong(node, fmt::format("is_null() takes 1 value, not {}", node.args.size()));
    return {fmt::format("({} IS NULL)", compile(node.args[0]).sql), Kind::boolean};
  }
  static const std::vector<std::string> unary = {"log", "log10", "exp",   "sqrt",
                                                 "abs", "round", "floor", "ceil"};
  if (std::find(unary.begin(), unary.end(), node.text) != unary.end()) {
    if (node.args.size() != 1)
      wrong(node, fmt::format("{}() takes 1 value, not {}", node.text, node.args.size()));
    return {fmt::format("vr_{}({})", node.text, number(node.args[0], compile(node.args[0]))),
            Kind::number};
  }
  if (node.text == "min" || node.text == "max") {
    if (node.args.size() < 2) wrong(node, fmt::format("{}() takes 2 or more values", node.text));
    std::vector<std::string> parts;
    for (const Node& arg : node.args) parts.push_back(number(arg, compile(arg)));
    return {fmt::format("{}({})", node.text, join(parts, ", ")), Kind::number};
  }
  std::vector<std::string> known = unary;
  known.insert(known.end(), {"min", "max", "is_null", "last", "best"});
  wrong(node, fmt::format("unknown function '{}'{}", printable(node.text), hint(node.text, known)));
}

/// A double, or null.
std::string Compiler::number(const Node& node, const Fragment& part) {
  if (part.kind == Kind::text) wrong(node, "a text in arithmetic; expected a number");
  if (part.real) return part.sql;
  return is_numeric(part.kind) ? fmt::format("CAST({} AS REAL)", part.sql)
                               : fmt::format("vr_number({})", part.sql);
}

/// 1, 0 or null; a text is never true.
std::string Compiler::truth(const Fragment& part) {
  switch (part.kind) {
    case Kind::boolean:
      return part.sql;
    case Kind::number:
      return fmt::format("({} <> 0)", part.sql);
    default:
      return fmt::format(
          "(CASE typeof({0}) WHEN 'null' THEN NULL WHEN 'text' THEN 0 ELSE {0} <> 0 END)",
          part.sql);
  }
}

/// As people read it: true, not 1.
std::string Compiler::text(const Node& node) {
  const Fragment part = compile(node);
  if (part.kind != Kind::boolean) return part.sql;
  return fmt::format("(CASE {} WHEN 0 THEN 'false' WHEN 1 THEN 'true' END)", part.sql);
}

Fragment Compiler::equal(const Node& left, const Node& right) {
  // A trial has several tags: equal to a text where one of them is.
  for (const auto& [one, other] : {std::pair{&left, &right}, std::pair{&right, &left}}) {
    if (one->op == Op::name && one->text == "tag" && other->op == Op::literal) {
      // From the tags to the trials: no look-up for each trial.
      const std::string tagged = fmt::format("FROM tag WHERE tag.tag = {}", literal(*other).sql);
      return {
          names_.study
              ? fmt::format("(t.number IN (SELECT tag.number {} AND tag.study = {}))", tagged,
                            names_.study)
              : fmt::format("((t.study, t.number) IN (SELECT tag.study, tag.number {}))", tagged),
          Kind::boolean};
    }
  }
  const std::string a = compile(left).sql, b = compile(right).sql;
  return {fmt::format("({} = {})", a, b), Kind::boolean};
}

Fragment Compiler::compare(const Node& node) {
  const Fragment a = compile(node.args[0]), b = compile(node.args[1]);
  const auto plain = fmt::format("({} {} {})", a.sql, operator_of(node.op), b.sql);
  if ((is_numeric(a.kind) && is_numeric(b.kind)) ||
      (a.kind == Kind::text && b.kind == Kind::text)) {
    return {plain, Kind::boolean};
  }
  // Neither of a number and a text comes first.
  return {fmt::format("(CASE WHEN (typeof({}) = 'text') = (typeof({}) = 'text') THEN {} END)",
                      a.sql, b.sql, plain),
          Kind::boolean};
}

Fragment Compiler::among(const Node& node) {
  if (node.args.size() == 1) {
    return {fmt::format("(CASE WHEN {} IS NOT NULL THEN 0 END)", compile(node.args[0]).sql),
            Kind::boolean};
  }
  std::vector<std::string> parts;
  if (node.args[0].op == Op::name && node.args[0].text == "tag") {
    for (std::size_t i = 1; i < node.args.size(); ++i)
      parts.push_back(equal(node.args[0], node.args[i]).sql);
    return {"(" + join(parts, " OR ") + ")", Kind::boolean};
  }
  for (const Node& arg : node.args) parts.push_back(compile(arg).sql);
  const std::string sought = parts.front();
  parts.erase(parts.begin());
  return {fmt::format("({} IN ({}))", sought, join(parts, ", ")), Kind::boolean};
}

}  // namespace vernier::store
