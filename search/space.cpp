#include "search/space.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "core/error.h"
#include "core/text.h"
#include "search/sobol_sequence.h"

namespace vernier::search {
namespace {

constexpr double exact_points = 1e6;  // enumerated rather than sampled
constexpr std::uint32_t sobol_draws = 100000;

expr::Lookup lookup_in(const Config& config) {
  return [&config](std::string_view name) -> Value {
    const Value* value = config.find(name);
    return value ? *value : Value();
  };
}

}  // namespace

Space::Space(std::vector<Parameter> parameters, std::vector<std::string> constraints)
    : parameters_(std::move(parameters)), constraint_texts_(std::move(constraints)) {
  std::vector<std::string> known;
  std::set<std::string> unique;
  for (const Parameter& p : parameters_) {
    if (p.name.empty()) fail<UsageError>("[space] a parameter without a name; expected a name");
    if (!unique.insert(p.name).second)
      fail<UsageError>("[space] parameter '{}' is there twice; expected different names", p.name);
    known.push_back(p.name);
    axes_.emplace_back(p);
  }
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    condition_names_.emplace_back();
    Parameter& p = parameters_[i];
    if (!p.condition) continue;
    try {
      expr::bind(*p.condition, known);
    } catch (const UsageError& error) {
      fail<UsageError>("[space] condition of parameter '{}': {}", p.name, error.what());
    }
    for (const std::string& name : expr::names(*p.condition)) {
      const auto j =
          static_cast<std::size_t>(std::find(known.begin(), known.end(), name) - known.begin());
      if (j >= i)
        fail<UsageError>(
            "[space] condition of parameter '{}' names '{}'; expected a parameter before it",
            p.name, name);
      condition_names_.back().push_back(j);
    }
  }
  for (const std::string& text : constraint_texts_) {
    try {
      expr::Node node = expr::parse(text);
      expr::bind(node, known);
      constraint_names_.push_back(expr::names(node));
      constraints_.push_back(std::move(node));
    } catch (const UsageError& error) {
      fail<UsageError>("[space] constraint '{}': {}", text, error.what());
    }
  }
  refuse_unsatisfiable();
}

bool Space::active(std::size_t i, std::span<const Value> values) const {
  if (!parameters_[i].condition) return true;
  for (const std::size_t j : condition_names_[i])
    if (std::holds_alternative<std::monostate>(values[j])) return false;
  return expr::holds(*parameters_[i].condition, [&](std::string_view name) -> Value {
    for (const std::size_t j : condition_names_[i])
      if (parameters_[j].name == name) return values[j];
    return {};
  });
}

Config Space::select(std::span<const Value> chosen) const {
  std::vector<Value> values(size());
  std::vector<Config::Item> items;
  items.reserve(size());
  for (std::size_t i = 0; i < size(); ++i) {
    if (!active(i, values)) continue;
    values[i] = chosen[i];
    items.emplace_back(parameters_[i].name, chosen[i]);
  }
  return Config(std::move(items));
}

Config Space::from_unit(std::span<const double> unit) const {
  std::vector<Value> values(size());
  for (std::size_t i = 0; i < size(); ++i) values[i] = axes_[i].at(unit[i]);
  return select(values);
}

Config Space::from_uniform(std::span<const double> uniform) const {
  std::vector<Value> values(size());
  for (std::size_t i = 0; i < size(); ++i)
    values[i] = axes_[i].at(axes_[i].from_uniform(uniform[i]));
  return select(values);
}

std::vector<double> Space::centre() const {
  std::vector<double> unit;
  for (const Axis& axis : axes_) unit.push_back(axis.centre());
  return unit;
}

Config Space::collect(const Config& config, bool drop_inactive) const {
  std::vector<Value> values(size());
  std::vector<Config::Item> items;
  for (std::size_t i = 0; i < size(); ++i) {
    const std::string& name = parameters_[i].name;
    const Value* given = config.find(name);
    if (!active(i, values)) {
      if (given && !drop_inactive)
        fail<UsageError>(
            "[space] parameter '{}' is inactive (its condition is {}); expected it to be absent",
            name, expr::to_text(*parameters_[i].condition));
      continue;
    }
    if (!given)
      fail<UsageError>("[space] parameter '{}' is missing; expected {}", name, axes_[i].describe());
    const auto value = axes_[i].canonical(*given);
    if (!value)
      fail<UsageError>("[space] parameter '{}' is {}; expected {}", name, to_text(*given),
                       axes_[i].describe());
    values[i] = *value;
    items.emplace_back(name, *value);
  }
  for (const auto& [name, value] : config) {
    const auto named = [&name = name](const Parameter& p) { return p.name == name; };
    if (std::none_of(parameters_.begin(), parameters_.end(), named)) {
      std::vector<std::string> known;
      for (const Parameter& p : parameters_) known.push_back(p.name);
      fail<UsageError>("[space] unknown parameter '{}'{}", name, hint(name, known));
    }
  }
  return Config(std::move(items));
}

void Space::check(const Config& config) const { collect(config, false); }

Config Space::canonical(const Config& config) const { return collect(config, true); }

std::vector<double> Space::to_unit(const Config& config) const {
  std::vector<double> unit(size(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t i = 0; i < size(); ++i) {
    const Value* value = config.find(parameters_[i].name);
    if (!value) continue;
    const auto coordinate = axes_[i].unit(*value);
    if (!coordinate)
      fail<UsageError>("[space] parameter '{}' is {}; expected {}", parameters_[i].name,
                       to_text(*value), axes_[i].describe());
    unit[i] = *coordinate;
  }
  return unit;
}

bool Space::holds(std::size_t constraint, const Config& config) const {
  for (const std::string& name : constraint_names_[constraint])
    if (!config.find(name)) return true;
  return expr::holds(constraints_[constraint], lookup_in(config));
}

bool Space::satisfies(const Config& config) const {
  for (std::size_t i = 0; i < constraints_.size(); ++i)
    if (!holds(i, config)) return false;
  return true;
}

bool Space::visit_from(std::size_t i, std::vector<Value>& values, bool constrained,
                       const std::function<bool(const Config&)>& visit) const {
  if (i == size()) {
    std::vector<Config::Item> items;
    for (std::size_t j = 0; j < size(); ++j)
      if (!std::holds_alternative<std::monostate>(values[j]))
        items.emplace_back(parameters_[j].name, values[j]);
    const Config config(std::move(items));
    return (constrained && !satisfies(config)) || visit(config);
  }
  values[i] = Value();
  if (!active(i, values)) return visit_from(i + 1, values, constrained, visit);
  for (std::int64_t k = 0; static_cast<double>(k) < axes_[i].count(); ++k) {
    values[i] = axes_[i].value(k);
    if (!visit_from(i + 1, values, constrained, visit)) return false;
  }
  return true;
}

void Space::enumerate(const std::function<bool(const Config&)>& visit) const {
  for (std::size_t i = 0; i < size(); ++i)
    if (axes_[i].continuous())
      fail<UsageError>(
          "[space] parameter '{}' has no step, so its values cannot be listed; expected a step",
          parameters_[i].name);
  std::vector<Value> values(size());
  visit_from(0, values, true, visit);
}

void Space::count_from(std::size_t i, const std::vector<bool>& parents, std::vector<Value>& values,
                       double factor, double& total) const {
  if (i == size()) {
    total += factor;
    return;
  }
  values[i] = Value();
  if (!active(i, values)) return count_from(i + 1, parents, values, factor, total);
  if (!parents[i]) return count_from(i + 1, parents, values, factor * axes_[i].count(), total);
  for (std::int64_t k = 0; static_cast<double>(k) < axes_[i].count(); ++k) {
    values[i] = axes_[i].value(k);
    count_from(i + 1, parents, values, factor, total);
  }
}

std::optional<double> Space::cardinality() const {
  std::vector<bool> parents(size(), false);
  for (const auto& names : condition_names_)
    for (const std::size_t j : names) parents[j] = true;
  double combinations = 1, product = 1, total = 0;
  for (std::size_t i = 0; i < size(); ++i) {
    if (axes_[i].continuous()) return std::nullopt;
    product *= axes_[i].count();
    if (parents[i]) combinations *= axes_[i].count();
  }
  if (combinations <= exact_points) {
    std::vector<Value> values(size());
    count_from(0, parents, values, 1, total);
  } else {
    total = product;
  }
  if (total > 1e15) return std::nullopt;
  return total;
}

void Space::refuse_unsatisfiable() const {
  if (constraints_
          .empty()) {  // conditions are evaluated once all the same: a wrong one is found here, not in a search
    from_unit(std::vector<double>(size(), 0.5));
    return;
  }
  std::vector<bool> met(constraints_.size(), false);
  bool found = false;
  const auto look = [&](const Config& config) {
    found = true;
    for (std::size_t i = 0; i < constraints_.size(); ++i) {
      const bool ok = holds(i, config);
      met[i] = met[i] || ok;
      found = found && ok;
    }
    return !found;
  };
  const auto points = cardinality();
  const bool exact = points && *points <= exact_points;
  if (exact) {
    std::vector<Value> values(size());
    visit_from(0, values, false, look);
  } else {
    const ScrambledSobol sobol(size(), 0);
    std::vector<double> unit(size());
    for (std::uint32_t k = 0; k < sobol_draws && !found; ++k) {
      sobol.point(k, unit);
      look(from_unit(unit));
    }
  }
  if (found) return;
  const std::string how = exact
                              ? fmt::format("any of the {} configurations", *points)
                              : fmt::format("any of {} points spread over the space", sobol_draws);
  for (std::size_t i = 0; i < met.size(); ++i)
    if (!met[i])
      fail<UsageError>("[space] constraint '{}' is not satisfied by {}; expected one that can hold",
                       constraint_texts_[i], how);
  fail<UsageError>(
      "[space] the constraints '{}' are never satisfied together by {}; expected some that can",
      join(constraint_texts_, "', '"), how);
}

}  // namespace vernier::search
