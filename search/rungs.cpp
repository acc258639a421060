#include "search/rungs.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace vernier::search {

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

History Rungs::view(const History& history, std::size_t needed,
                    const std::vector<char>& running) const {
  const Rung* shown = nullptr;
  for (const Rung& rung : rungs_) {
    std::size_t finite = 0;
    for (const auto& [value, number] : rung.ranking) {
      if (std::isinf(value)) break;
      ++finite;
    }
    if (finite >= needed) shown = &rung;
  }
  History view = history;
  for (std::size_t i = 0; i < view.trials.size(); ++i) {
    Observation& seen = view.trials[i];
    for (const Rung& rung : rungs_) {
      const auto result = rung.values.find(seen.number);
      if (result == rung.values.end() || std::isinf(result->second)) continue;
      seen.rung = rung.step;
      seen.rung_value = result->second;
    }
    if (seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged ||
        seen.outcome == Outcome::infeasible)
      continue;
    seen.value.reset();
    seen.outcome = running[i] ? Outcome::pending : Outcome::stopped;
    if (!shown) continue;
    const auto result = shown->values.find(seen.number);
    if (result == shown->values.end() || std::isinf(result->second)) continue;
    seen.outcome = Outcome::completed;
    seen.value = result->second;
    seen.steps = shown->step;
  }
  return view;
}

}  // namespace vernier::search
