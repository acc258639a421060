// A claim's verdict in one sentence.
#pragma once
#include <string>

#include "reports/analysis/claim.h"

namespace vernier::reports {

/// How trials were compared: "pairs by train.seed, each arm at its best other settings, where depth = 2".
std::string how_compared(const ClaimSpec& claim);

/// "relu is better by 0.1 ± 0.0098 (95 %, 5 pairs), sign-flip p = 0.0625", and what the verdict rests on or lacks.
/// `withheld`: the interval alone would have decided.
std::string reason(const Claim& claim, bool withheld);

}  // namespace vernier::reports
