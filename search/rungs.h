// The results of trials at the steps where a strategy compares them.
#pragma once
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "search/history.h"

namespace vernier::search {

/// Rung k lies at step(k), the last at a full training. A trial has at most one value on a rung, and one on every rung below down to the `first`
/// it is compared on; infinity: it was lost on the way there.
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
  /// On every rung from `first` up to `step` but the last: a trial that came that far without being asked counts there as well.
  void reach(int number, int step, double value, std::size_t first = 0);
  /// With its final value on the last rung, and those from `first` on that it never came to because it ended early.
  void complete(int number, double value, std::size_t first = 0);
  /// The worst on the first rung, from `first` on, that it has no value on.
  void lose(int number, std::size_t first = 0);

  /// What a model sampler is shown: all trials as if they had come equally far. A value at a lower rung is carried to the top one by a line through the
  /// values of those that went on (least squares about the medians, two pairs' worth of faith in a slope of 1, the slope in [0.02, 1]),
  /// with what such values departed from it as its `doubt`; the top is the highest rung to which 3 came from the one below. Trials without
  /// a value are pending while they run, else stopped; all have `rung` and `rung_value`. Where all values are positive, as losses are, these are their
  /// logarithms: from rung to rung they change by a factor, and so does their noise. `running`: by place. `view`: what an earlier
  /// call made of the same history when it was shorter, or empty; configurations are not copied again.
  void update_view(const History& history, const std::vector<char>& running, History& view) const;

 private:
  struct Rung {
    int step = 0;
    std::set<std::pair<double, int>> ranking;
    std::unordered_map<int, double> values;  // by number
  };
  /// What a value on one rung says of that on the next: slope * value + shift, give or take `variance`.
  struct Step {
    double slope = 1, shift = 0, variance = 0;
  };
  /// Whether values are shown as their logarithms.
  bool logarithms(const History& history) const;
  /// nullopt: too few went on from `rung`.
  std::optional<Step> step_from(std::size_t rung, bool logs) const;
  /// From the lowest rung upwards, as far as they are known.
  std::vector<Step> steps_up(bool logs) const;
  void carry(Observation& seen, const std::vector<Step>& steps, bool logs, bool runs) const;

  std::vector<Rung> rungs_;
  double least_ = HUGE_VAL;  // of all values
};

}  // namespace vernier::search
