// Where a lane stands: counters, best step, early stopping, plateau. All of it is part of a checkpoint.
#pragma once
#include <cstdint>

#include "engine/cohort/checkpoint.h"
#include "engine/cohort/recipe.h"

namespace vernier::engine {

struct Progress {
  int step = 0;             // measured steps done
  std::int64_t update = 0;  // updates done
  OptimizerClock clock;
  PlateauState plateau;
  int best_step = 0;  // 0: none yet
  double best = 0;
  int reference_step =
      0;  // early stopping: the last step that improved on `reference` by more than min_delta
  double reference = 0;
  bool ended = false, early = false, diverged = false;

  /// The metric of step `step`, just done. True where it is the best so far. Sets `ended` and `early` where patience is over, and
  /// `ended` at the last step. A NaN never improves.
  bool observe(const Recipe& recipe, double value);

  void save(CheckpointWriter& writer) const;
  /// Throws UsageError.
  static Progress load(const CheckpointReader& reader);
};

}  // namespace vernier::engine
