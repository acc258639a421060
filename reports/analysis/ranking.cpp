#include "reports/analysis/ranking.h"

#include <algorithm>
#include <cmath>

namespace vernier::reports {

bool is_ranked(const store::TrialRecord& trial) {
  const bool state = trial.state == store::State::completed || trial.state == store::State::stopped;
  return state && trial.value && std::isfinite(*trial.value);
}

std::vector<std::size_t> ranking(const StudyData& data) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < data.trials.size(); ++i) {
    if (is_ranked(data.trials[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return data.minimised(*data.trials[a].value) < data.minimised(*data.trials[b].value);
  });
  return order;
}

std::vector<std::optional<int>> rank_of_trials(const StudyData& data) {
  std::vector<std::optional<int>> ranks(data.trials.size());
  int rank = 0;
  for (const std::size_t i : ranking(data)) ranks[i] = ++rank;
  return ranks;
}

std::vector<std::size_t> best_tenth(const StudyData& data, std::size_t least) {
  auto order = ranking(data);
  const std::size_t tenth = (order.size() + 9) / 10;
  order.resize(std::min(order.size(), std::max(tenth, least)));
  return order;
}

}  // namespace vernier::reports
