// Which trials count as results for the model, and with what value.
//   failed, diverged, infeasible; completed without a finite value   a failure
//   completed                                                        its value, at full length
//   stopped, or pending and measured, at `steps`                     its value so far, at that length
//   infeasible by a limit whose margin is known                      what it measured, or no row at all: an aside learns the rest
//   otherwise                                                        no result (pending)
// The model is fitted to the highest level (full length, else a number of steps) that at least `needed` trials reached. A
// stopped trial below that level still says that it was given up: it counts with its value, or the median of the level where that is
// worse. A pending one below it counts as pending.
#pragma once
#include <vector>

#include "search/history.h"

namespace vernier::search::gp {

struct Results {
  std::vector<char> known;  // one entry a trial
  std::vector<std::vector<double>>
      values;                 // of known trials, one number an objective; empty: a failure
  std::vector<char> barred;   // however good its value, it is none to improve on
  std::vector<char> absent;   // no row
  std::vector<double> doubt;  // variance of each value beside the noise of all
  bool as_they_are = false;   // the values are not to be transformed
  int successes = 0;
  int count = 0;  // known ones, failures included
};

/// `needed`: d + 2. With several objectives only completed trials have values, and stopped ones are no result.
Results collect_results(const History& history, int needed, int objectives = 1);

/// The margins of one limit, transformed (transform_margins); trials without one are absent.
Results collect_margins(const History& history, std::size_t limit);

enum class Cost { none, flop, second };
/// What a step of each trial costs: its logarithm, standardised (`deviation`: before that); trials whose cost is unknown are absent.
struct Costs {
  Results results;
  double deviation = 1;
};
Costs collect_costs(const History& history, Cost per);

}  // namespace vernier::search::gp
