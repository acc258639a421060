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
    if (before == (which == Of::facts)) limits_.push_back(std::move(limit));
  }
}

std::optional<std::string> Requirements::broken(
    const std::vector<std::pair<std::string, double>>& values) const {
  const expr::Lookup lookup = [&](std::string_view name) -> Value {
    for (const auto& [known, value] : values)
      if (known == name && std::isfinite(value)) return value;
    return {};
  };
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
