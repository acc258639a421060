// Stops trials that no longer improve.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// A trial stops once it has trained `patience` (5) steps since its best value last improved by more than `min_delta` (0), but not
/// before step `min_steps` (1). Each trial is judged by itself. Decides at every step but the last.
std::unique_ptr<Strategy> make_patience(StrategyContext context);

}  // namespace vernier::search
