// Every trial is trained to its end.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// No options; never decides.
std::unique_ptr<Strategy> make_full(StrategyContext context);

}  // namespace vernier::search
