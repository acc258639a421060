// Stops trials whose value is no number.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// A trial stops at the first step at which its value is NaN or infinite; all others train to their end. For programs that go on
/// after they diverged. No options; decides at every step but the last.
std::unique_ptr<Strategy> make_nan_sentinel(StrategyContext context);

}  // namespace vernier::search
