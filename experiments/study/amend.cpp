#include "experiments/study/amend.h"

#include <algorithm>
#include <cmath>

#include "core/error.h"
#include "core/text.h"
#include "experiments/study/parameters.h"

namespace vernier::experiments {
namespace {

using search::Parameter;

std::string condition_of(const Parameter& parameter) {
  return parameter.condition ? expr::to_text(*parameter.condition) : "";
}

/// Why a configuration with `before` may be none with `after`; empty: it always is one.
std::string narrowed(const Parameter& before, const Parameter& after) {
  if (before.kind != after.kind) return "type " + kind_text(before.kind) + " as before";
  if (condition_of(before) != condition_of(after)) return "the same condition (when)";
  if (before.choices.empty()) {
    if (before.scale != after.scale) return "the same scale";
    if (before.step != after.step) return "the same step";
    if (after.low > before.low || after.high < before.high)
      return fmt::format("a range that holds {} to {}", format_number(before.low, 12),
                         format_number(before.high, 12));
    const double moved = before.step ? (before.low - after.low) / *before.step : 0;
    if (std::fabs(moved - std::round(moved)) > 1e-9)
      return fmt::format("min {} less a multiple of the step", format_number(before.low, 12));
    return "";
  }
  for (const Value& choice : before.choices)
    if (std::find(after.choices.begin(), after.choices.end(), choice) == after.choices.end())
      return fmt::format("the value {} among others", to_text(choice));
  return "";
}

Json without_space(const Spec& spec) {
  Json part = spec.deciding();
  part.erase("parameters");
  part.erase("constraints");
  return part;
}

}  // namespace

void check_widening(const Spec& before, const Spec& after) {
  std::vector<std::string> reasons;
  for (const std::string& difference : differences(without_space(before), without_space(after)))
    reasons.push_back(difference + ", which is no part of the space");
  const auto same_name = [](const Parameter& a, const Parameter& b) { return a.name == b.name; };
  if (!std::equal(before.parameters.begin(), before.parameters.end(), after.parameters.begin(),
                  after.parameters.end(), same_name)) {
    std::vector<std::string> names;
    for (const Parameter& parameter : before.parameters) names.push_back(parameter.name);
    reasons.push_back(fmt::format("{}[parameters] expected those there were, in their order: {}",
                                  after.places.key("parameters"), join(names, ", ")));
  } else {
    for (std::size_t i = 0; i < before.parameters.size(); ++i) {
      const std::string why = narrowed(before.parameters[i], after.parameters[i]);
      const std::string key = "parameters." + after.parameters[i].name;
      if (!why.empty())
        reasons.push_back(fmt::format("{}[{}] expected {}", after.places.value(key), key, why));
    }
  }
  for (const std::string& constraint : after.constraints)
    if (std::find(before.constraints.begin(), before.constraints.end(), constraint) ==
        before.constraints.end())
      reasons.push_back(fmt::format("{}[constraints] '{}' is new; expected only those there were",
                                    after.places.value("constraints"), printable(constraint)));
  if (reasons.empty() && before.strategy != "full" && before.max_steps() != after.max_steps())
    reasons.push_back(
        fmt::format("a training of {} steps, before {}: {} compares trials at parts "
                    "of it; expected the same length",
                    after.max_steps(), before.max_steps(), before.strategy));
  if (reasons.empty()) return;
  fail<UsageError>(
      "study '{}' cannot be amended: {}; --amend widens ranges, adds values and drops constraints, "
      "--as NAME makes another study",
      after.study, join(reasons, "; "));
}

void remember_space(const Spec& before, int trials, Spec& after) {
  Json spaces = before.json.contains("spaces") ? before.json["spaces"] : Json::array();
  Json space{{"trials", trials}, {"parameters", before.json["parameters"]}};
  if (before.json.contains("constraints")) space["constraints"] = before.json["constraints"];
  spaces.push_back(std::move(space));
  after.json["spaces"] = std::move(spaces);
}

}  // namespace vernier::experiments
