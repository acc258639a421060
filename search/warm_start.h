// Earlier studies as evidence for a new one: transfer.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "search/sampler.h"

namespace vernier::search {

/// A sampler gp that knows the trials of `context.earlier` besides its own. Its space has one more parameter, the study a trial is of, held at this one by a
/// constraint: the lengthscale of that parameter says how much the studies have in common, and is learned like any other. Each earlier study is
/// moved to this one's level by the median of the differences between this study's results and what a process fitted to the earlier one
/// foretells there, n / (n + 1) of it for n results. At most 200 trials of a study count: the 100 best and an even choice of the rest.
/// Where this study's results are shown as logarithms, those of earlier ones are, too, and what is not positive there does not count.
/// What is proposed may have been tried in an earlier study, never in this one. Throws UsageError for other samplers than gp and for
/// several objectives.
std::unique_ptr<Sampler> warm_started(
    const std::string& sampler,
    const std::function<std::unique_ptr<Sampler>(const SamplerContext&)>& make,
    const SamplerContext& context);

}  // namespace vernier::search
