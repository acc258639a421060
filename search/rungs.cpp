#include "search/rungs.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "core/stats.h"

namespace vernier::search {
namespace {

constexpr std::size_t fewest_pairs = 3;  // results that make a step from rung to rung known
constexpr double pairs_for_one = 2;      // as many pairs speak for a slope of 1
constexpr double least_slope = 0.02;     // the order of values stays

/// What may have changed since the trial was proposed.
void copy_results(const Observation& from, Observation& to) {
  to.outcome = from.outcome;
  to.value = from.value;
  to.values = from.values;
  to.steps = from.steps;
  to.margins = from.margins;
  to.measured = from.measured;
  to.work = from.work;
  to.seconds = from.seconds;
}

double shown(double value, bool logarithm) { return logarithm ? std::log(value) : value; }

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
  if (!at.values.emplace(number, value).second) return;
  at.ranking.emplace(value, number);
  least_ = std::min(least_, value);
}

bool Rungs::logarithms(const History& history) const {
  return least_ > 0 && std::isfinite(least_) &&
         std::none_of(history.trials.begin(), history.trials.end(), [](const Observation& trial) {
           return trial.measured && *trial.measured <= 0;
         });
}

void Rungs::reach(int number, int step, double value, std::size_t first) {
  for (std::size_t k = first; k + 1 < rungs_.size() && rungs_[k].step <= step; ++k)
    enter(k, number, value);
}

void Rungs::complete(int number, double value, std::size_t first) {
  for (std::size_t k = first; k < rungs_.size(); ++k) enter(k, number, value);
}

void Rungs::lose(int number, std::size_t first) {
  for (std::size_t k = first; k < rungs_.size(); ++k) {
    if (has(k, number)) continue;
    return enter(k, number, std::numeric_limits<double>::infinity());
  }
}

std::optional<Rungs::Step> Rungs::step_from(std::size_t rung, bool logs) const {
  std::vector<double> before, after;
  for (const auto& [value, number] : rungs_[rung + 1].ranking) {
    if (std::isinf(value)) break;
    const auto found = rungs_[rung].values.find(number);
    if (found == rungs_[rung].values.end() || !std::isfinite(found->second)) continue;
    before.push_back(shown(found->second, logs));
    after.push_back(shown(value, logs));
  }
  const std::size_t n = before.size();
  if (n < fewest_pairs) return std::nullopt;
  const double centre_before = median(before), centre_after = median(after);
  double square = 0, product = 0;
  for (std::size_t i = 0; i < n; ++i) {
    square += (before[i] - centre_before) * (before[i] - centre_before);
    product += (before[i] - centre_before) * (after[i] - centre_after);
  }
  Step step;
  const auto pairs = static_cast<double>(n);
  if (square > 0)
    step.slope = std::clamp((pairs * product / square + pairs_for_one) / (pairs + pairs_for_one),
                            least_slope, 1.0);
  std::vector<double> rest;
  for (std::size_t i = 0; i < n; ++i) rest.push_back(after[i] - step.slope * before[i]);
  step.shift = median(rest);
  for (const double r : rest) step.variance += (r - step.shift) * (r - step.shift) / pairs;
  return step;
}

std::vector<Rungs::Step> Rungs::steps_up(bool logs) const {
  std::vector<Step> steps;
  while (steps.size() + 1 < rungs_.size()) {
    const auto step = step_from(steps.size(), logs);
    if (!step) break;
    steps.push_back(*step);
  }
  return steps;
}

void Rungs::carry(Observation& seen, const std::vector<Step>& steps, bool logs, bool runs) const {
  const std::size_t top = steps.size();
  std::optional<double> at_top;
  double doubt = seen.doubt = 0;
  for (std::size_t k = 0; k < rungs_.size(); ++k) {
    const auto result = rungs_[k].values.find(seen.number);
    if (result == rungs_[k].values.end() || std::isinf(result->second)) continue;
    seen.rung = rungs_[k].step;
    seen.rung_value = shown(result->second, logs);
    if (k > top) continue;
    at_top = seen.rung_value;
    doubt = 0;
    for (std::size_t j = k; j < top; ++j) {
      at_top = steps[j].shift + steps[j].slope * *at_top;
      doubt = steps[j].slope * steps[j].slope * doubt + steps[j].variance;
    }
  }
  if (seen.measured) seen.measured = shown(*seen.measured, logs);
  if (seen.outcome == Outcome::failed || seen.outcome == Outcome::diverged ||
      seen.outcome == Outcome::infeasible)
    return;
  seen.value = at_top;
  seen.outcome = at_top ? Outcome::completed : runs ? Outcome::pending : Outcome::stopped;
  if (at_top) seen.steps = rungs_[top].step;
  if (at_top) seen.doubt = doubt;
}

void Rungs::update_view(const History& history, const std::vector<char>& running,
                        History& view) const {
  const bool logs = view.logarithms = logarithms(history);
  const std::vector<Step> steps = steps_up(logs);
  const std::size_t kept = view.trials.size();
  view.trials.resize(history.trials.size());
  for (std::size_t i = 0; i < view.trials.size(); ++i) {
    Observation& seen = view.trials[i];
    if (i < kept)
      copy_results(history.trials[i], seen);
    else
      seen = history.trials[i];
    carry(seen, steps, logs, running[i]);
  }
}

}  // namespace vernier::search
