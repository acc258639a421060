// Recursive descent. Precedence, lowest first: or, and, not, comparison, + -, * /, unary -.
#include <array>
#include <optional>
#include <utility>

#include "core/error.h"
#include "core/expr/expr.h"
#include "core/expr/lexer.h"
#include "core/text.h"

namespace vernier::expr {
namespace {

/// Levels of a tree and of open brackets. Every walk over a tree recurses, and hostile text must not exhaust the stack; SQLite
/// too refuses expressions deeper than 1000.
constexpr int depth_limit = 200;

struct Tree {
  Node node;
  int depth = 1;
};

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text), token_(lexer_.next()) {}

  Node whole() {
    Tree tree = disjunction();
    if (token_.kind != Token::Kind::end) unexpected("an operator or the end");
    return std::move(tree.node);
  }

 private:
  class Nesting {
   public:
    explicit Nesting(Parser& parser) : parser_(parser) {
      if (++parser_.nesting_ > depth_limit) parser_.too_deep(parser_.token_.column);
    }
    ~Nesting() { --parser_.nesting_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    Parser& parser_;
  };

  [[noreturn]] void unexpected(std::string_view expected) const {
    const bool end = token_.kind == Token::Kind::end;
    fail<UsageError>("{}found {}; expected {}", error_prefix(text_, token_.column),
                     end ? "the end" : fmt::format("'{}'", printable(token_.text)), expected);
  }

  [[noreturn]] void too_deep(int column) const {
    fail<UsageError>(
        "{}nested or chained deeper than {} levels; expected less, 'in (...)' for long lists",
        error_prefix(text_, column), depth_limit);
  }

  void advance() { token_ = lexer_.next(); }

  bool take_symbol(std::string_view symbol) {
    if (!token_.is_symbol(symbol)) return false;
    advance();
    return true;
  }

  bool take_keyword(std::string_view word) {
    if (!token_.is_keyword(word)) return false;
    advance();
    return true;
  }

  template <class... Trees>
  Tree make(Op op, int column, Trees... children) const {
    Tree tree;
    tree.node.op = op;
    tree.node.column = column;
    (adopt(tree, std::move(children)), ...);
    return tree;
  }

  void adopt(Tree& parent, Tree child) const {
    parent.depth = std::max(parent.depth, child.depth + 1);
    if (parent.depth > depth_limit) too_deep(parent.node.column);
    parent.node.args.push_back(std::move(child.node));
  }

  Tree disjunction() {
    Tree left = conjunction();
    for (int column = token_.column; take_keyword("or"); column = token_.column) {
      left = make(Op::or_, column, std::move(left), conjunction());
    }
    return left;
  }

  Tree conjunction() {
    Tree left = negation();
    for (int column = token_.column; take_keyword("and"); column = token_.column) {
      left = make(Op::and_, column, std::move(left), negation());
    }
    return left;
  }

  Tree negation() {
    const int column = token_.column;
    if (!take_keyword("not")) return comparison();
    const Nesting nesting(*this);
    return make(Op::not_, column, negation());
  }

  std::optional<Op> comparison_op() const {
    constexpr std::array<std::pair<std::string_view, Op>, 7> ops{{{"<", Op::lt},
                                                                  {"<=", Op::le},
                                                                  {">", Op::gt},
                                                                  {">=", Op::ge},
                                                                  {"=", Op::eq},
                                                                  {"!=", Op::ne},
                                                                  {"~", Op::match}}};
    for (const auto& [symbol, op] : ops) {
      if (token_.is_symbol(symbol)) return op;
    }
    return std::nullopt;
  }

  Tree comparison() {
    Tree left = sum();
    const int column = token_.column;
    if (const auto op = comparison_op()) {
      advance();
      left = make(*op, column, std::move(left), sum());
    } else if (take_keyword("in")) {
      left = membership(column, std::move(left));
    } else if (take_keyword("not")) {
      if (!take_keyword("in")) unexpected("'in' after 'not'");
      left = make(Op::not_, column, membership(column, std::move(left)));
    } else if (take_keyword("is")) {
      left = missing(column, std::move(left));
    } else {
      return left;
    }
    if (comparison_op() || token_.is_keyword("in") || token_.is_keyword("not") ||
        token_.is_keyword("is")) {
      unexpected("'and' or 'or', since comparisons do not chain");
    }
    return left;
  }

  /// After 'is': null, or not null. It is the call is_null(), whose meaning is nothing special.
  Tree missing(int column, Tree left) {
    const bool negated = take_keyword("not");
    if (!take_keyword("null")) unexpected("'null' or 'not null' after 'is'");
    Tree call = make(Op::call, column, std::move(left));
    call.node.text = "is_null";
    return negated ? make(Op::not_, column, std::move(call)) : call;
  }

  /// The list after 'in'.
  Tree membership(int column, Tree left) {
    Tree tree = make(Op::in, column, std::move(left));
    if (!take_symbol("(")) unexpected("'(' and a list after 'in'");
    const Nesting nesting(*this);
    do adopt(tree, disjunction());
    while (take_symbol(","));
    if (!take_symbol(")")) unexpected("',' or ')'");
    return tree;
  }

  Tree sum() {
    Tree left = product();
    while (token_.is_symbol("+") || token_.is_symbol("-")) {
      const Op op = token_.is_symbol("+") ? Op::add : Op::sub;
      const int column = token_.column;
      advance();
      left = make(op, column, std::move(left), product());
    }
    return left;
  }

  Tree product() {
    Tree left = factor();
    while (token_.is_symbol("*") || token_.is_symbol("/")) {
      const Op op = token_.is_symbol("*") ? Op::mul : Op::div;
      const int column = token_.column;
      advance();
      left = make(op, column, std::move(left), factor());
    }
    return left;
  }

  Tree factor() {
    const int column = token_.column;
    if (!take_symbol("-")) return primary();
    const Nesting nesting(*this);
    return make(Op::neg, column, factor());
  }

  Tree primary() {
    Tree tree;
    tree.node.column = token_.column;
    if (take_symbol("(")) {
      const Nesting nesting(*this);
      tree = disjunction();
      if (!take_symbol(")")) unexpected("')' or an operator");
      return tree;
    }
    if (token_.kind == Token::Kind::literal) {
      tree.node.value = std::move(token_.value);
    } else if (token_.is_keyword("true") || token_.is_keyword("false")) {
      tree.node.value = token_.is_keyword("true");
    } else if (token_.kind == Token::Kind::name) {
      tree.node.op = Op::name;
      tree.node.text = std::move(token_.text);
    } else if (!token_.is_keyword("null")) {
      unexpected("a name, a value or '('");
    }
    advance();
    if (tree.node.op == Op::name && take_symbol("(")) arguments(tree);
    return tree;
  }

  void arguments(Tree& call) {
    call.node.op = Op::call;
    if (take_symbol(")")) return;
    const Nesting nesting(*this);
    do adopt(call, disjunction());
    while (take_symbol(","));
    if (!take_symbol(")")) unexpected("',' or ')'");
  }

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  int nesting_ = 0;
};

}  // namespace

Node parse(std::string_view text) { return Parser(text).whole(); }

}  // namespace vernier::expr
