#include "search/rungs.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/stats.h"

namespace vernier::search {
namespace {

constexpr int fewest_pairs = 3;  // results that make a step from rung to rung known

}  // namespace

Rungs::Rungs(const std::vector<int>& steps) {
  for (const int step : steps) rungs_.push_back({step, {}, {}});
}

std::vector<int> Rungs::geometric(int min_steps, int eta, int last_step) {
  std::vector<int> steps;
  for (std::int64_t step = min_steps; step < last_step; step *= eta)
    steps.push_back(static_cast<int>(step));
  steps.push_back(last_step);
  return steps;
}

void Rungs::enter(std::size_t rung, int number, double value) {
  Rung& at = rungs_[rung];
  if (at.values.emplace(number, value).second) at.ranking.emplace(value, number);
}

void Rungs::reach(int number, int step, double value) {
  for (std::size_t k = 0; k + 1 < rungs_.size() && rungs_[k].step <= step; ++k)
    enter(k, number, value);
}

void Rungs::complete(int number, double value) {
  for (std::size_t k = 0; k < rungs_.size(); ++k) enter(k, number, value);
}

void Rungs::lose(int number) {
  for (std::size_t k = 0; k < rungs_.size(); ++k) {
    if (has(k, number)) continue;
    return enter(k, number, std::numeric_limits<double>::infinity());
  }
}

std::vector<double> Rungs::improvements() const {
  std::vector<double> steps;
  for (std::size_t k = 0; k + 1 < rungs_.size(); ++k) {
    std::vector<double> changes;
    for (const auto& [value, number] : rungs_[k + 1].ranking) {
      if (std::isinf(value)) break;
      const auto before = rungs_[k].values.find(number);
      if (before != rungs_[k].values.end() && std::isfinite(before->second))
        changes.push_back(value - before->second);
    }
    if (static_cast<int>(changes.size()) < fewest_pairs) break;
    steps.push_back(median(changes));
  }
  return steps;
}

History Rungs::view(const History& history, const std::vector<char>& running) const {
  const std::vector<double> improvement = improvements();
  const std::size_t top = improvement.size();
  History view = history;
  for (std::size_t i = 0; i < view.trials.size(); ++i) {
    Observation& seen = view.trials[i];
    std::optional<double> at_top;
    for (std::size_t k = 0; k < rungs_.size(); ++k) {
      const auto result = rungs_[k].values.find(seen.number);
      if (result == rungs_[k].values.end() || std::isinf(result->second)) continue;
      seen.rung = rungs_[k].step;
      seen.rung_value = result->second;
      if (k > top) continue;
      at_top = result->second;
      for (std::size_t j = k; j < top; ++j) *at_top += improvement[j];
    }
    if (seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged ||
        seen.outcome == Outcome::infeasible)
      continue;
    seen.value = at_top;
    seen.outcome = at_top ? Outcome::completed : running[i] ? Outcome::pending : Outcome::stopped;
    if (at_top) seen.steps = rungs_[top].step;
  }
  return view;
}

}  // namespace vernier::search
