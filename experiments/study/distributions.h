// W&B's `distribution` in our own words.
#pragma once
#include "experiments/study/reader.h"

namespace vernier::experiments {

/// The parameter without the keys `distribution` and `q`. log_uniform and q_log_uniform have exponents of e as bounds, the ..._values
/// forms the values themselves. Distributions without bounds (normal and kin) are refused.
Json without_distribution(const Reader& parameter);

}  // namespace vernier::experiments
