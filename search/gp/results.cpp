#include "search/gp/results.h"

#include <algorithm>
#include <climits>
#include <cmath>
#include <functional>
#include <utility>

#include "core/stats.h"

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
  }
  return out;
}

Results collect_margins(const History& history, std::size_t limit) {
  Results out;
  out.margins = true;
  for (const Observation& trial : history.trials) {
    const bool known = limit < trial.margins.size() && std::isfinite(trial.margins[limit]);
    add(out, known, known ? std::vector<double>{trial.margins[limit]} : std::vector<double>());
    out.absent.back() = !known;
  }
  return out;
}

}  // namespace vernier::search::gp
