#include "experiments/imports/conditions.h"

#include <algorithm>

namespace vernier::experiments {
namespace {

constexpr std::size_t most_values = 64;

expr::Node node(expr::Op op, std::vector<expr::Node> args = {}) {
  expr::Node made;
  made.op = op;
  made.args = std::move(args);
  return made;
}
expr::Node name_node(const std::string& name) {
  expr::Node made = node(expr::Op::name);
  made.text = name;
  return made;
}
expr::Node literal(const Value& value) {
  expr::Node made = node(expr::Op::literal);
  made.value = value;
  return made;
}

/// Values of one parameter where another is there, and where it is not.
struct Split {
  std::vector<Value> with, without;
  bool apart = true;  // no value is on both sides
};

void insert(std::vector<Value>& values, const Value& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

std::optional<expr::Node> rule(const std::string& parent, Split split) {
  const auto numbers = [](const std::vector<Value>& values) {
    return std::all_of(values.begin(), values.end(), [](const Value& v) {
      return is_number(v) && !std::holds_alternative<bool>(v);
    });
  };
  if (numbers(split.with) && numbers(split.without)) {
    const auto less = [](const Value& a, const Value& b) { return as_number(a) < as_number(b); };
    const auto [low, high] = std::minmax_element(split.with.begin(), split.with.end(), less);
    const auto [least, most] =
        std::minmax_element(split.without.begin(), split.without.end(), less);
    if (less(*most, *low)) return node(expr::Op::ge, {name_node(parent), literal(*low)});
    if (less(*high, *least)) return node(expr::Op::le, {name_node(parent), literal(*high)});
  }
  if (split.with.size() > most_values) return std::nullopt;
  if (split.with.size() == 1)
    return node(expr::Op::eq, {name_node(parent), literal(split.with.front())});
  std::vector<expr::Node> args{name_node(parent)};
  for (const Value& value : split.with) args.push_back(literal(value));
  return node(expr::Op::in, std::move(args));
}

}  // namespace

std::optional<expr::Node> find_condition(const std::string& name,
                                         const std::vector<std::string>& before,
                                         const std::vector<Config>& configs) {
  for (auto parent = before.rbegin(); parent != before.rend(); ++parent) {
    Split split;
    for (const Config& config : configs) {
      const Value* value = config.find(*parent);
      const bool there = config.find(name) != nullptr;
      if (!value && there) split.apart = false;  // it does not depend on this one
      if (value) insert(there ? split.with : split.without, *value);
      if (!split.apart) break;
    }
    for (const Value& value : split.with)
      if (std::find(split.without.begin(), split.without.end(), value) != split.without.end())
        split.apart = false;
    // All that have the parent have the child too: it may be there whenever the parent is.
    if (!split.apart || split.with.empty() || split.without.empty()) continue;
    if (auto found = rule(*parent, std::move(split))) return found;
  }
  return std::nullopt;
}

}  // namespace vernier::experiments
