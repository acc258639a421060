#include "search/standing.h"

#include <algorithm>
#include <climits>
#include <cmath>

namespace vernier::search {

std::pair<int, double> standing(const Observation& trial) {
  const bool failed = trial.outcome == Outcome::failed || trial.outcome == Outcome::diverged ||
                      trial.outcome == Outcome::infeasible;
  if (failed) return {0, 0};
  if (trial.rung > 0) return {-trial.rung, trial.rung_value};
  if (!trial.value || !std::isfinite(*trial.value)) return {0, 0};
  if (trial.outcome == Outcome::completed) return {-INT_MAX, *trial.value};
  return {trial.outcome == Outcome::stopped ? -std::max(trial.steps, 1) : 0, *trial.value};
}

}  // namespace vernier::search
