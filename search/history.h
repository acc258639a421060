// What has been tried, as samplers see it. Values are minimised: the study flips signs once, at the edge.
#pragma once
#include <cmath>
#include <optional>
#include <vector>

#include "core/value.h"

namespace vernier::search {

enum class Outcome {
  pending,    // proposed or running
  completed,  // `value` is final
  stopped,    // ended early; `value` is its best so far, at `steps`
  failed,
  diverged,
  infeasible,
};

struct Observation {
  int number = 0;  // the trial's number: 1, 2, ... in order of proposal
  Config config;
  Outcome outcome = Outcome::pending;
  std::optional<double> value;  // minimised
  std::vector<double> values;   // of several objectives: all, minimised
  double doubt = 0;             // variance of a value that a strategy foretells; 0: it was measured
  int steps = 0;                // measured so far
  /// Under a strategy with rungs: the highest rung it has reached, and its value there (minimised). Step 0: none.
  int rung = 0;
  double rung_value = 0;
  /// Of each limit on outcomes: how far the trial is from it, <= 0 where it holds, NaN where that is unknown. Empty: nothing known.
  std::vector<double> margins;
  std::optional<double> measured;  // the value of an infeasible trial, minimised; it has no `value`
  /// What a step costs: floating-point operations as predicted, seconds as measured. NaN: unknown.
  double work = NAN, seconds = NAN;
  std::vector<double>
      fit;  // hyperparameters the sampler fitted when it proposed this trial; empty: none
};

/// Ordered by number. The same history and the same seed give the same proposal.
struct History {
  std::vector<Observation> trials;
  bool logarithms = false;  // values are shown as their logarithms (rungs.h)
};

}  // namespace vernier::search
