// Population based training.
#pragma once
#include "search/strategy.h"

namespace vernier::search {

/// Population based training (Jaderberg et al., arXiv 1711.09846, with truncation selection). A population of `population` (20) trials trains side by
/// side and meets every `interval` steps (default: a tenth of a training, at least 1). There each of the worst `quantile` (0.25) is stopped, and
/// a copy of one of the best `quantile` goes on in its place from that one's exact state, as a trial of its own with changed settings:
/// - with probability `resample` (0.25) a parameter is drawn anew; else a range is multiplied by 1.2 or 0.8, a stepped one moves by a step or more,
///   and a category stays;
/// - StrategyContext::inherited and the option `keep` (names) stay as they are: what the state was made with.
/// All copies are made before anyone trains on, so a parent's state is that of its step. Copies count as trials: when `trials` have started,
/// nobody is replaced any more. When a population has come to its end the next one starts.
std::unique_ptr<Strategy> make_pbt(StrategyContext context);

}  // namespace vernier::search
