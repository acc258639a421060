// A claim's `plot`: what the page draws beside the verdict.
#pragma once
#include "experiments/study/claim_names.h"

namespace vernier::experiments {

/// strip; {line: PARAMETER, by: PARAMETER, metrics: [...], log: true}; {curves: [METRIC, ...]}; {heat_map: [PARAMETER, PARAMETER]};
/// {pictures: map | histograms | filters | fit | confusion}. The normal form has lists where one may be written alone.
Json read_claim_plot(const Reader& reader, const ClaimNames& names);

}  // namespace vernier::experiments
