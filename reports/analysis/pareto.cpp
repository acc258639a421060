#include "reports/analysis/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool dominates(const std::vector<double>& a, const std::vector<double>& b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

void front_of_two(const std::vector<std::vector<double>>& costs, std::vector<std::size_t> order,
                  std::vector<bool>& front) {
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return costs[a] < costs[b]; });
  double least = std::numeric_limits<double>::infinity();
  const std::vector<double>* last = nullptr;  // on the front
  for (const std::size_t i : order) {
    if (costs[i][1] < least || (last && costs[i] == *last)) {
      front[i] = true;
      least = costs[i][1];
      last = &costs[i];
    }
  }
}

bool varies(const std::vector<double>& values) {
  double first = kMissing;
  for (const double v : values) {
    if (std::isnan(v)) continue;
    if (std::isnan(first)) first = v;
    if (v != first) return true;
  }
  return false;
}

}  // namespace

std::vector<bool> pareto_front(const std::vector<std::vector<double>>& costs) {
  std::vector<bool> front(costs.size(), false);
  std::vector<std::size_t> known;
  for (std::size_t i = 0; i < costs.size(); ++i) {
    if (std::none_of(costs[i].begin(), costs[i].end(), [](double c) { return std::isnan(c); }))
      known.push_back(i);
  }
  if (!known.empty() && costs[known.front()].size() == 2) {
    front_of_two(costs, known, front);
    return front;
  }
  for (const std::size_t i : known) {
    front[i] = std::none_of(known.begin(), known.end(),
                            [&](std::size_t j) { return dominates(costs[j], costs[i]); });
  }
  return front;
}

std::vector<Tradeoff> tradeoffs(const StudyData& data) {
  std::vector<Tradeoff> axes;
  const std::size_t n = data.trials.size();
  for (std::size_t k = 0; k < data.study.objectives.size(); ++k) {
    const auto& [name, maximize] = data.study.objectives[k];
    Tradeoff axis{name, maximize, true, std::vector<double>(n, kMissing)};
    for (std::size_t i = 0; i < n; ++i) {
      const auto& trial = data.trials[i];
      if (!is_ranked(trial)) continue;
      if (k == 0) {
        axis.value[i] = *trial.value;
      } else if (const auto found = data.objectives.find(trial.number);
                 found != data.objectives.end() && k < found->second.size()) {
        axis.value[i] = found->second[k];
      }
    }
    if (k == 0 || varies(axis.value)) axes.push_back(std::move(axis));
  }
  for (const char* fact : {"parameters", "flops", "bytes", "seconds"}) {
    Tradeoff axis{fact, false, false, std::vector<double>(n, kMissing)};
    for (std::size_t i = 0; i < n; ++i) {
      const auto& trial = data.trials[i];
      if (!is_ranked(trial)) continue;
      if (axis.name == "seconds") {
        if (trial.seconds > 0) axis.value[i] = trial.seconds;
        continue;
      }
      const auto found = data.facts.find(trial.number);
      if (found == data.facts.end()) continue;
      for (const auto& [name, value] : found->second)
        if (name == fact) axis.value[i] = value;
    }
    if (varies(axis.value)) axes.push_back(std::move(axis));
  }
  return axes;
}

}  // namespace vernier::reports
