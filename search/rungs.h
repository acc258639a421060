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

  /// What a model sampler is shown: the values on the highest rung with at least `needed` results, as completed trials. Other trials are
  /// pending while they run, else stopped, without value; all have `rung` and `rung_value`. `running`: by place.
  History view(const History& history, std::size_t needed, const std::vector<char>& running) const;

 private:
  struct Rung {
    int step = 0;
    std::set<std::pair<double, int>> ranking;
    std::map<int, double> values;  // by number
  };
  std::vector<Rung> rungs_;
};

}  // namespace vernier::search
