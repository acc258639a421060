#include "search/gp/results.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>

#include "core/stats.h"
#include "search/gp/output_transform.h"

namespace vernier::search::gp {
namespace {

constexpr int full_length = INT_MAX;

bool measured(const Observation& trial) { return trial.value && std::isfinite(*trial.value); }

bool breaks_a_limit(const Observation& trial) {
  return std::any_of(trial.margins.begin(), trial.margins.end(), [](double m) { return m > 0; });
}

/// 0: none.
int level_of(const Observation& trial) {
  if (!measured(trial)) return 0;
  if (trial.outcome == Outcome::completed) return full_length;
  if (trial.outcome == Outcome::stopped) return std::max(trial.steps, 1);
  return trial.outcome == Outcome::pending ? std::max(trial.steps, 0) : 0;
}

int highest_level(const History& history, int needed) {
  std::vector<int> levels;
  for (const Observation& trial : history.trials)
    if (const int level = level_of(trial); level > 0) levels.push_back(level);
  std::sort(levels.begin(), levels.end(), std::greater<>());
  // Too few results of any length: the full ones alone, if there are any.
  if (static_cast<int>(levels.size()) < needed) return full_length;
  return levels[static_cast<std::size_t>(needed) - 1];
}

void add(Results& out, bool known, std::vector<double> values) {
  out.known.push_back(known);
  out.barred.push_back(false);
  out.absent.push_back(false);
  out.doubt.push_back(0);
  out.count += known;
  out.successes += known && !values.empty();
  out.values.push_back(std::move(values));
}

Results several_objectives(const History& history, std::size_t objectives) {
  Results out;
  for (const Observation& trial : history.trials) {
    const bool ended = trial.outcome != Outcome::pending && trial.outcome != Outcome::stopped;
    const bool whole = trial.outcome == Outcome::completed && trial.values.size() == objectives &&
                       std::all_of(trial.values.begin(), trial.values.end(),
                                   [](double v) { return std::isfinite(v); });
    add(out, ended, whole ? trial.values : std::vector<double>());
  }
  return out;
}

}  // namespace

Results collect_results(const History& history, int needed, int objectives) {
  if (objectives > 1) return several_objectives(history, static_cast<std::size_t>(objectives));
  const int level = highest_level(history, std::max(needed, 1));
  std::vector<double> at_level;
  for (const Observation& trial : history.trials)
    if (level_of(trial) >= level) at_level.push_back(*trial.value);
  const double middle = at_level.empty() ? -HUGE_VAL : median(at_level);

  Results out;
  for (const Observation& trial : history.trials) {
    bool known = true;
    std::vector<double> value;
    switch (trial.outcome) {
      case Outcome::completed:
        if (measured(trial)) value = {*trial.value};
        break;
      case Outcome::stopped:
        known = measured(trial);
        if (known)
          value = {level_of(trial) >= level ? *trial.value : std::max(*trial.value, middle)};
        break;
      case Outcome::pending:
        known = level_of(trial) >= level;
        if (known) value = {*trial.value};
        break;
      case Outcome::infeasible:
        if (!breaks_a_limit(trial)) break;
        known = trial.measured.has_value();
        if (known) value = {*trial.measured};
        break;
      default:
        break;
    }
    add(out, known, std::move(value));
    const bool learned = trial.outcome == Outcome::infeasible && breaks_a_limit(trial);
    out.barred.back() = learned;
    out.absent.back() = learned && !known;
    if (!out.values.back().empty()) out.doubt.back() = trial.doubt;
  }
  return out;
}

namespace {

/// A row for each value; the others are absent.
Results only(const std::vector<std::optional<double>>& values) {
  Results out;
  out.as_they_are = true;
  for (const auto& value : values) {
    add(out, value.has_value(), value ? std::vector<double>{*value} : std::vector<double>());
    out.absent.back() = !value;
  }
  return out;
}

/// `values` of those that are there, changed together.
template <class Change>
void change_known(std::vector<std::optional<double>>& values, const Change& change) {
  std::vector<std::optional<double>> known;
  std::copy_if(values.begin(), values.end(), std::back_inserter(known),
               [](const auto& value) { return value.has_value(); });
  const std::vector<double> changed = change(known);
  std::size_t next = 0;
  for (auto& value : values)
    if (value) value = changed[next++];
}

}  // namespace

Results collect_margins(const History& history, std::size_t limit) {
  std::vector<std::optional<double>> margins;
  for (const Observation& trial : history.trials) {
    margins.emplace_back();
    if (limit < trial.margins.size() && std::isfinite(trial.margins[limit]))
      margins.back() = trial.margins[limit];
  }
  change_known(margins, [](const auto& known) { return transform_margins(known); });
  return only(margins);
}

Costs collect_costs(const History& history, Cost per) {
  std::vector<std::optional<double>> logs;
  for (const Observation& trial : history.trials) {
    const double cost = per == Cost::flop ? trial.work : trial.seconds;
    logs.emplace_back();
    if (cost > 0 && std::isfinite(cost)) logs.back() = std::log(cost);
  }
  Costs out;
  change_known(logs, [&](const auto& known) {
    std::vector<double> values;
    for (const auto& value : known) values.push_back(*value);
    if (values.empty()) return values;
    const double centre = mean(values);
    double square = 0;
    for (const double v : values) square += (v - centre) * (v - centre);
    if (square > 0) out.deviation = std::sqrt(square / static_cast<double>(values.size()));
    for (double& v : values) v = (v - centre) / out.deviation;
    return values;
  });
  out.results = only(logs);
  return out;
}

}  // namespace vernier::search::gp
