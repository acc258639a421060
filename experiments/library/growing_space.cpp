#include "experiments/library/growing_space.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "core/error.h"
#include "core/hash.h"
#include "core/rng.h"
#include "core/text.h"
#include "experiments/study/parameters.h"

namespace vernier::experiments {
namespace {

using search::Kind;
using search::Parameter;

constexpr std::uint32_t independent_repeat = 0xFFFE;

[[noreturn]] void refuse(const Parameter& known, const Parameter& asked, const char* what) {
  fail<UsageError>(
      "[space] parameter '{}' was {} in earlier trials, and is asked for as {}: another {}",
      known.name, search::Axis(known).describe(), search::Axis(asked).describe(), what);
}

void widen(Parameter& known, const Parameter& asked) {
  if (known.kind != asked.kind) refuse(known, asked, "type");
  if (known.kind == Kind::categorical) {
    for (const Value& choice : asked.choices)
      if (std::find(known.choices.begin(), known.choices.end(), choice) == known.choices.end())
        known.choices.push_back(choice);
    return;
  }
  if (!known.choices.empty()) return;
  if (known.scale != asked.scale) refuse(known, asked, "scale");
  if (known.step != asked.step) refuse(known, asked, "step");
  const double moved = known.step ? (known.low - asked.low) / *known.step : 0;
  if (std::fabs(moved - std::round(moved)) > 1e-9) refuse(known, asked, "grid of values");
  known.low = std::min(known.low, asked.low);
  known.high = std::max(known.high, asked.high);
}

expr::Node literal(const Value& value) {
  expr::Node node;
  node.value = value;
  return node;
}

/// `name` op values
expr::Node compare(expr::Op op, const std::string& name, const std::vector<Value>& values) {
  expr::Node left, node;
  left.op = expr::Op::name;
  left.text = name;
  node.op = op;
  node.args.push_back(std::move(left));
  for (const Value& value : values) node.args.push_back(literal(value));
  return node;
}

void add_once(std::vector<Value>& values, const Value& value) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

/// What tells values of `parent` in trials that asked (`with`) from those of trials that did not; nullopt: nothing does.
std::optional<expr::Node> separation(const Parameter& parent, const std::vector<Value>& with,
                                     const std::vector<Value>& without) {
  if (parent.kind == Kind::float_ || with.empty() || without.empty()) return std::nullopt;
  for (const Value& value : with)
    if (std::find(without.begin(), without.end(), value) != without.end()) return std::nullopt;
  if (parent.kind == Kind::int_) {
    const auto less = [](const Value& a, const Value& b) { return as_number(a) < as_number(b); };
    const auto [least, most] = std::minmax_element(with.begin(), with.end(), less);
    const auto [low, high] = std::minmax_element(without.begin(), without.end(), less);
    if (as_number(*high) < as_number(*least)) return compare(expr::Op::ge, parent.name, {*least});
    if (as_number(*low) > as_number(*most)) return compare(expr::Op::le, parent.name, {*most});
  }
  return with.size() == 1 ? compare(expr::Op::eq, parent.name, with)
                          : compare(expr::Op::in, parent.name, with);
}

/// The condition of `child` that `parent` gives it, if it explains every trial.
std::optional<expr::Node> explained(const Parameter& parent, const Parameter& child,
                                    const std::vector<const Config*>& asked) {
  std::vector<Value> with, without;
  bool same = true;
  for (const Config* config : asked) {
    const Value* value = config->find(parent.name);
    const bool has = config->find(child.name) != nullptr;
    if (has && !value) return std::nullopt;
    same = same && has == (value != nullptr);
    if (value) add_once(has ? with : without, *value);
  }
  if (same) return parent.condition;
  return separation(parent, with, without);
}

/// Of one parameter alone, the nearest before `child` first.
std::optional<expr::Node> one_reason(std::span<const Parameter> before, const Parameter& child,
                                     const std::vector<const Config*>& asked) {
  for (std::size_t j = before.size(); j-- > 0;)
    if (auto condition = explained(before[j], child, asked)) return condition;
  return std::nullopt;
}

/// A choice, and in the trials that have it one reason more.
std::optional<expr::Node> two_reasons(std::span<const Parameter> before, const Parameter& child,
                                      const std::vector<const Config*>& asked) {
  for (std::size_t j = before.size(); j-- > 0;) {
    const Parameter& choice = before[j];
    if (choice.kind != Kind::categorical && choice.kind != Kind::bool_) continue;
    std::vector<Value> with;
    for (const Config* config : asked)
      if (const Value* value = config->find(choice.name); value && config->find(child.name))
        add_once(with, *value);
    std::vector<const Config*> among;
    bool covered = true;
    for (const Config* config : asked) {
      const Value* value = config->find(choice.name);
      const bool in = value && std::find(with.begin(), with.end(), *value) != with.end();
      covered = covered && (in || !config->find(child.name));
      if (in) among.push_back(config);
    }
    if (!covered || among.size() == asked.size()) continue;
    auto second = one_reason(before, child, among);
    if (!second) continue;
    expr::Node both;
    both.op = expr::Op::and_;
    both.args = {compare(with.size() == 1 ? expr::Op::eq : expr::Op::in, choice.name, with),
                 std::move(*second)};
    return both;
  }
  return std::nullopt;
}

}  // namespace

GrowingSpace::GrowingSpace(std::vector<Parameter> known) : parameters_(std::move(known)) {
  for (Parameter& parameter : parameters_) parameter.condition.reset();
}

bool GrowingSpace::merge(const Parameter& asked) {
  const auto known = std::find_if(parameters_.begin(), parameters_.end(),
                                  [&](const Parameter& p) { return p.name == asked.name; });
  if (known == parameters_.end()) {
    parameters_.push_back(asked);
    return true;
  }
  Parameter wider = *known;
  widen(wider, asked);
  const bool changed = wider.low != known->low || wider.high != known->high ||
                       wider.choices.size() != known->choices.size();
  *known = std::move(wider);
  return changed;
}

std::vector<Parameter> GrowingSpace::with_conditions(
    const std::vector<const Config*>& asked) const {
  std::vector<Parameter> parameters = parameters_;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    Parameter& child = parameters[i];
    const auto lacks = [&](const Config* config) { return !config->find(child.name); };
    if (std::none_of(asked.begin(), asked.end(), lacks)) continue;
    const auto before = std::span<const Parameter>(parameters).first(i);
    child.condition = one_reason(before, child, asked);
    if (!child.condition) child.condition = two_reasons(before, child, asked);
  }
  return parameters;
}

double independent_unit(std::uint64_t seed, int trial, const std::string& parameter) {
  const std::uint64_t element = std::stoull(content_hash(parameter).substr(0, 16), nullptr, 16);
  const Philox4 block = random_block({seed, Stream::sampler, independent_repeat},
                                     static_cast<std::uint32_t>(trial), element);
  return unit_double(block.v[0], block.v[1]);
}

Config completed(const search::Space& space, const Config& asked, std::uint64_t seed, int trial) {
  std::vector<Value> values(space.size());
  for (std::size_t i = 0; i < space.size(); ++i) {
    const std::string& name = space.parameters()[i].name;
    const search::Axis& axis = space.axis(i);
    const Value* given = asked.find(name);
    const auto inside = given ? axis.canonical(*given) : std::nullopt;
    values[i] = inside ? *inside : axis.at(axis.from_uniform(independent_unit(seed, trial, name)));
  }
  return space.select(values);
}

}  // namespace vernier::experiments
