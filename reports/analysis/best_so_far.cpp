#include "reports/analysis/best_so_far.h"

#include <algorithm>
#include <limits>

#include "reports/analysis/ranking.h"

namespace vernier::reports {

namespace {

class Climber {
 public:
  explicit Climber(const StudyData& data) : data_(data) {}

  void visit(const store::TrialRecord& trial, double x) {
    stairs_.end = x;
    if (!is_ranked(trial)) return;
    const double cost = data_.minimised(*trial.value);
    if (!(cost < best_)) return;
    best_ = cost;
    stairs_.x.push_back(x);
    stairs_.best.push_back(*trial.value);
    stairs_.number.push_back(trial.number);
  }
  Staircase take() { return std::move(stairs_); }

 private:
  const StudyData& data_;
  Staircase stairs_;
  double best_ = std::numeric_limits<double>::infinity();
};

}  // namespace

BestSoFar best_so_far(const StudyData& data) {
  BestSoFar result;
  Climber by_trial(data);
  std::vector<const store::TrialRecord*> ended;
  double begin = std::numeric_limits<double>::infinity();
  int finished = 0;
  for (const auto& trial : data.trials) {
    if (trial.started) begin = std::min(begin, *trial.started);
    if (!store::is_finished(trial.state)) continue;
    by_trial.visit(trial, ++finished);
    if (trial.ended) ended.push_back(&trial);
  }
  result.by_trial = by_trial.take();

  std::stable_sort(ended.begin(), ended.end(),
                   [](const auto* a, const auto* b) { return *a->ended < *b->ended; });
  Climber by_steps(data), by_wall(data);
  double steps = 0;
  for (const auto* trial : ended) {
    steps += trial->steps;
    by_steps.visit(*trial, steps);
    by_wall.visit(*trial, *trial->ended - std::min(begin, *trial->ended));
  }
  result.by_steps = by_steps.take();
  result.by_wall = by_wall.take();
  return result;
}

}  // namespace vernier::reports
