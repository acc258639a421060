// The results of trials at the steps where a strategy compares them.
#pragma once
#include <map>
#include <set>
#include <vector>

#include "search/history.h"

namespace vernier::search {

/// Rung k lies at step(k), the last at a full training. A trial has at most one value on a rung; infinity: it was lost on the way there.
class Rungs {
 public:
  /// `steps`: increasing, at least one.
  explicit Rungs(const std::vector<int>& steps);
  /// min_steps * eta^k below last_step, then last_step.
  static std::vector<int> geometric(int min_steps, int eta, int last_step);

  std::size_t size() const { return rungs_.size(); }
  int step(std::size_t rung) const { return rungs_[rung].step; }
  /// By (value, number), the best first.
  const std::set<std::pair<double, int>>& ranking(std::size_t rung) const {
    return rungs_[rung].ranking;
  }
  bool has(std::size_t rung, int number) const { return rungs_[rung].values.contains(number); }
  double value(std::size_t rung, int number) const { return rungs_[rung].values.at(number); }
  /// The first value counts.
  void enter(std::size_t rung, int number, double value);
  /// On every rung up to `step` but the last: a trial that came that far without being asked counts there as well.
  void reach(int number, int step, double value);
  /// With its final value on the last rung, and those it never came to because it ended early.
  void complete(int number, double value);
  /// The worst on the first rung it has no value on.
  void lose(int number);

  /// What a model sampler is shown: all trials as if they had come equally far. A value at a lower rung is carried to the top one by the median change from
  /// rung to rung of those that went on; the top is the highest rung to which 3 came from the one below. Trials without a value are
  /// pending while they run, else stopped; all have `rung` and `rung_value`. `running`: by place.
  History view(const History& history, const std::vector<char>& running) const;

 private:
  struct Rung {
    int step = 0;
    std::set<std::pair<double, int>> ranking;
    std::map<int, double> values;  // by number
  };
  /// The median change from each rung to the next, as far as it is known.
  std::vector<double> improvements() const;

  std::vector<Rung> rungs_;
};

}  // namespace vernier::search
