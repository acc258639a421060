#include "experiments/study/require.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/text.h"
#include "engine/cohort/recipe.h"

namespace vernier::experiments {
namespace {

bool is_fact(const std::string& name) {
  return std::find(fact_names.begin(), fact_names.end(), name) != fact_names.end();
}

/// Refers to `values`; what is not finite is missing.
expr::Lookup lookup_in(const std::vector<std::pair<std::string, double>>& values) {
  return [&values](std::string_view name) -> Value {
    for (const auto& [known, value] : values)
      if (known == name && std::isfinite(value)) return value;
    return {};
  };
}

double margin(const expr::Node& node, const expr::Lookup& lookup) {
  const auto side = [&](std::size_t i) { return as_number(expr::evaluate(node.args[i], lookup)); };
  const auto both = [&](bool largest) {
    const double a = margin(node.args[0], lookup), b = margin(node.args[1], lookup);
    if (std::isnan(a) || std::isnan(b)) return std::nan("");
    return largest ? std::max(a, b) : std::min(a, b);
  };
  switch (node.op) {
    case expr::Op::le:
    case expr::Op::lt:
      return side(0) - side(1);
    case expr::Op::ge:
    case expr::Op::gt:
      return side(1) - side(0);
    case expr::Op::and_:
      return both(true);
    case expr::Op::or_:
      return both(false);
    case expr::Op::not_:
      return -margin(node.args[0], lookup);
    default:
      break;
  }
  const Value held = expr::evaluate(node, lookup);
  if (std::holds_alternative<std::monostate>(held)) return std::nan("");
  return expr::holds(node, lookup) ? -1 : 1;
}

}  // namespace

std::vector<std::string> requirable(const Spec& spec) {
  if (spec.command) return {};
  std::vector<std::string> names = fact_names;
  for (const bool classes : {true, false})
    for (const std::string& name : engine::result_names(classes))
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

Requirements::Requirements(const Spec& spec, Of which) {
  const std::vector<std::string> known = requirable(spec);
  for (const std::string& text : spec.require) {
    Limit limit{text, expr::parse(text)};
    if (!spec.command) expr::bind(limit.node, known);
    const auto names = expr::names(limit.node);
    const bool before = !spec.command && std::all_of(names.begin(), names.end(), is_fact);
    if (which == Of::all || before == (which == Of::facts)) limits_.push_back(std::move(limit));
  }
}

std::vector<double> Requirements::margins(
    const std::vector<std::pair<std::string, double>>& values) const {
  const expr::Lookup lookup = lookup_in(values);
  std::vector<double> out;
  for (const Limit& limit : limits_) out.push_back(margin(limit.node, lookup));
  return out;
}

std::optional<std::string> Requirements::broken(
    const std::vector<std::pair<std::string, double>>& values) const {
  const expr::Lookup lookup = lookup_in(values);
  for (const Limit& limit : limits_) {
    if (expr::holds(limit.node, lookup)) continue;
    std::vector<std::string> found;
    for (const std::string& name : expr::names(limit.node)) {
      const Value value = lookup(name);
      found.push_back(name + (std::holds_alternative<double>(value)
                                  ? " " + format_number(as_number(value), 10)
                                  : " is missing"));
    }
    return fmt::format("require {}: {}", limit.text, join(found, ", "));
  }
  return std::nullopt;
}

}  // namespace vernier::experiments
