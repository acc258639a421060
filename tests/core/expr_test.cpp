#include "core/expr/expr.h"

#include <doctest/doctest.h>

#include <cmath>

#include "core/error.h"
#include "core/file.h"
#include "core/rng.h"

namespace vernier::expr {
namespace {

Json cases() {
  return Json::parse(read_text(VERNIER_SOURCE_DIR "/tests/fixtures/expr_cases.json"));
}

Value evaluated(const std::string& text, const Config& values) {
  std::vector<std::string> known;
  for (const auto& [name, value] : values) known.push_back(name);
  Node node = parse(text);
  expr::bind(node, known);
  return evaluate(node, [&](std::string_view name) {
    const Value* value = values.find(name);
    return value == nullptr ? Value() : *value;
  });
}

std::string error_of(const std::string& text, const std::vector<std::string>& known = {}) {
  try {
    Node node = parse(text);
    expr::bind(node, known);
    evaluate(node, [](std::string_view) { return Value(); });
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

bool same_value(const Value& a, const Value& b) {
  if (!is_number(a) || !is_number(b)) return a == b;
  const double x = as_number(a), y = as_number(b);
  return std::abs(x - y) <= 1e-12 * std::max(1.0, std::abs(y));
}

bool same_tree(const Node& a, const Node& b) {
  if (a.op != b.op || a.value != b.value || a.text != b.text || a.args.size() != b.args.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.args.size(); ++i) {
    if (!same_tree(a.args[i], b.args[i])) return false;
  }
  return true;
}

/// Any tree that parse() could give, up to `depth` levels.
Node random_tree(Rng& rng, int depth) {
  static const std::vector<std::string> names{"model.depth", "x",      "in",   "a b",   "größe",
                                              "tick`tick",   "9lives", "true", "back\\"};
  static const std::vector<Value> literals{std::int64_t{0},
                                           std::int64_t{123456789012345},
                                           2.0,
                                           1e-5,
                                           0.1,
                                           1e300,
                                           true,
                                           false,
                                           Value(),
                                           std::string("it's"),
                                           std::string("\\n\"`"),
                                           std::string(),
                                           std::string("two\nlines")};
  Node node;
  const auto pick = depth <= 1 ? rng.below(2) : rng.below(19);
  node.op = static_cast<Op>(pick);
  const auto child = [&] { node.args.push_back(random_tree(rng, depth - 1)); };
  switch (node.op) {
    case Op::literal:
      node.value = literals[rng.below(literals.size())];
      break;
    case Op::name:
      node.text = names[rng.below(names.size())];
      break;
    case Op::call:
      node.text = rng.below(2) == 0 ? "last" : "odd name";
      for (auto count = rng.below(4); count > 0; --count) child();
      break;
    case Op::neg:
    case Op::not_:
      child();
      break;
    case Op::in:
      for (auto count = 2 + rng.below(3); count > 0; --count) child();
      break;
    default:
      child();
      child();
  }
  return node;
}

}  // namespace

TEST_CASE("the shared cases hold") {
  const Json all = cases();
  CHECK(all.size() > 120);
  for (const Json& one : all) {
    const auto text = one["expr"].get<std::string>();
    CAPTURE(text);
    const Config names = config_from_json(one["names"]);
    if (one.contains("error")) {
      CHECK_THROWS_AS(evaluated(text, names), UsageError);
      continue;
    }
    Value result;
    REQUIRE_NOTHROW(result = evaluated(text, names));
    CAPTURE(vernier::to_text(result));
    CHECK(same_value(result, value_from_json(one["result"])));
  }
}

TEST_CASE("the text of every shared case parses to the same tree and value") {
  for (const Json& one : cases()) {
    if (one.contains("error")) continue;
    const Node tree = parse(one["expr"].get<std::string>());
    const std::string text = to_text(tree);
    CAPTURE(text);
    CHECK(same_tree(parse(text), tree));
  }
}

TEST_CASE("the text of any tree parses to the same tree") {
  Rng rng({1, Stream::sampler, 0});
  for (int round = 0; round < 20000; ++round) {
    const Node tree = random_tree(rng, 1 + static_cast<int>(rng.below(6)));
    const std::string text = to_text(tree);
    CAPTURE(text);
    REQUIRE(same_tree(parse(text), tree));
  }
}

TEST_CASE("brackets are written only where they are needed") {
  CHECK(to_text(parse("(a and b) or (c and not (d = 1))")) == "a and b or c and not d = 1");
  CHECK(to_text(parse("a - (b - c) * (d + 1)")) == "a - (b - c) * (d + 1)");
  CHECK(to_text(parse("not (a in (1, 'x'))")) == "a not in (1, 'x')");
  CHECK(to_text(parse("(a = b) = (c ~ d)")) == "(a = b) = (c ~ d)");
  CHECK(to_text(parse("- (a + 1) == 1e-5")) == "-(a + 1) = 1e-05");
}

TEST_CASE("errors name expression, column, what was found and what was expected") {
  CHECK(error_of("a < < b") == "[a < < b] column 5: found '<'; expected a name, a value or '('");
  CHECK(error_of("é = ") == "[é = ] column 5: found the end; expected a name, a value or '('");
  CHECK(error_of("1 < 2 < 3").find("column 7: found '<'; expected 'and' or 'or'") !=
        std::string::npos);
  CHECK(error_of("dept = 3", {"model.depth", "model.width"}) ==
        "[dept = 3] column 1: unknown name 'dept'; did you mean 'depth'?");
  CHECK(error_of("depth = 3", {"model.depth", "data.depth"}) ==
        "[depth = 3] column 1: 'depth' is ambiguous; expected one of model.depth, data.depth");
  CHECK(error_of("1 + sqr(4)").find("unknown function 'sqr'; did you mean 'sqrt'?") !=
        std::string::npos);
  CHECK(error_of("\x1b[31m = 1").find('\x1b') == std::string::npos);
}

TEST_CASE("names are listed once, in order of appearance") {
  CHECK(names(parse("b + log(a) > b or c in (a, d)")) ==
        std::vector<std::string>{"b", "a", "c", "d"});
}

TEST_CASE("a condition holds only where it is true") {
  const Lookup none = [](std::string_view) { return Value(); };
  CHECK(holds(parse("1 = 1"), none));
  CHECK(holds(parse("0.5"), none));
  CHECK_FALSE(holds(parse("0"), none));
  CHECK_FALSE(holds(parse("x > 1"), none));
  CHECK_FALSE(holds(parse("not x > 1"), none));
  CHECK_FALSE(holds(parse("'text'"), none));
  const Lookup nan = [](std::string_view) { return Value(std::nan("")); };
  CHECK_FALSE(holds(parse("x != 1"), nan));
}

TEST_CASE("the parser takes calls of any name") {
  const Node node = parse("last(val_acc) > 0.9");
  CHECK(node.args[0].op == Op::call);
  CHECK(node.args[0].text == "last");
  CHECK(parse("count()").args.empty());
}

TEST_CASE("random bytes and random words are refused or parsed, and nothing else happens") {
  static const std::vector<std::string> words{"(",   ")", "and", "or", "not", "in", "a",    "1",
                                              "'x'", ",", "=",   "<",  "~",   "-",  "+",    "*",
                                              "/",   "`", "\"",  "\\", ".",   "1e", "null", "f("};
  Rng rng({2, Stream::sampler, 0});
  int parsed = 0;
  for (int round = 0; round < 50000; ++round) {
    std::string text;
    for (auto count = rng.below(20); count > 0; --count) {
      if (round % 2 == 0) {
        text += static_cast<char>(rng.below(256));
      } else {
        text += words[rng.below(words.size())] + " ";
      }
    }
    try {
      Node node = parse(text);
      ++parsed;
      expr::bind(node, std::vector<std::string>{"a", "model.b"});
      holds(node, [](std::string_view) { return Value(std::int64_t{1}); });
    } catch (const UsageError&) {
    }
  }
  CHECK(parsed > 500);
}

TEST_CASE("deep and long hostile texts are refused without exhausting the stack") {
  const auto repeated = [](const std::string& part, int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += part;
    return text;
  };
  constexpr int many = 200000;
  for (const std::string part :
       {"(", "-", "not ", "f(", "1 in (", "1 + ", "1 or ", "1 * (", "x and "}) {
    CAPTURE(part);
    CHECK(error_of(repeated(part, many) + "1").find("deeper than 200") != std::string::npos);
  }
  std::string chained_and_nested = "1";
  for (int i = 0; i < 100; ++i)
    chained_and_nested = "(" + chained_and_nested + repeated(" + 1", 100) + ")";
  CHECK_THROWS_AS(parse(chained_and_nested), UsageError);
  CHECK(parse("x in (" + repeated("1, ", many) + "2)").args.size() == many + 2);
}

}  // namespace vernier::expr
