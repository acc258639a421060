// core/expr to SQL: the same three-valued meaning as expr::evaluate, every literal a bound parameter, every name one of a
// NameTable.
#pragma once
#include <string>
#include <vector>

#include "core/expr/expr.h"
#include "store/query/names.h"

namespace vernier::store {

struct Fragment {
  std::string sql{};
  Kind kind = Kind::any;
  bool real = false;   // a double or null already
  std::string bare{};  // without its outer brackets, where op chains to the left
  expr::Op op = expr::Op::name;
};

class Compiler {
 public:
  explicit Compiler(const NameTable& names) : names_(names) {}

  /// Parses, binds names and compiles. Throws UsageError with column and nearest name.
  Fragment value(const std::string& text);
  /// Holds exactly where expr::holds does.
  std::string condition(const std::string& text);
  Fragment compile(const expr::Node& node);
  /// The values of ?1, ?2, ...
  const std::vector<Value>& bound() const { return bound_; }
  /// A parameter for `value`.
  std::string bind(Value value);

 private:
  Fragment chain(const expr::Node& node);
  std::string truth(const Fragment& part);
  std::string number(const expr::Node& node, const Fragment& part);
  Fragment literal(const expr::Node& node);
  Fragment name(const expr::Node& node);
  Fragment call(const expr::Node& node);
  Fragment compare(const expr::Node& node);
  Fragment equal(const expr::Node& left, const expr::Node& right);
  Fragment among(const expr::Node& node);
  std::string text(const expr::Node& node);

  const NameTable& names_;
  std::vector<Value> bound_;
};

}  // namespace vernier::store
