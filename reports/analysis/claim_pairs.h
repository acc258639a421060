// The rows of a claim's two arms, paired and reduced to one value each.
#pragma once
#include <vector>

#include "reports/analysis/claim_trials.h"

namespace vernier::reports {

/// Fills pairs, paired, seeds, lost (of both arms), lost_both and unpaired of `claim`.
void pair_rows(const std::vector<StudyData>& studies, const std::vector<ClaimRow>& rows,
               Claim& claim);

}  // namespace vernier::reports
