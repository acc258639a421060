// Asynchronous successive halving with true promotion.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// ASHA (Li et al., "A System for Massively Parallel Hyperparameter Tuning", MLSys 2020, algorithm 2). Rungs are at min_steps *
/// eta^k steps, the last at max_steps. A trial pauses at its rung; of the n results of a rung the best floor(n / eta) may go on, from
/// the top rung downwards, and continue from where they paused. A trial that would be resumed next at the moment it reports is told
/// to proceed, which is the same without the pause.
/// - A trial that fails, diverges or has a NaN on its way to a rung counts there as the worst; one that completes early counts with
///   its value in every rung above.
/// - When all trials have started and nothing runs, the best of each rung goes on even where floor(n / eta) is 0, so that a study
///   ends with at least one full training. Then Finished.
/// - What the sampler sees is carried to the top rung: rungs.h.
/// Options: min_steps (1), eta (3), max_steps (StrategyContext::max_steps).
std::unique_ptr<Strategy> make_asha(StrategyContext context);

}  // namespace vernier::search
