// warm_start: what other studies of the same database found, as evidence for this one.
#pragma once
#include <vector>

#include "experiments/study/spec.h"
#include "search/sampler.h"
#include "store/store.h"

namespace vernier::experiments {

/// One entry a name of Spec::warm_start: its completed search trials that ended before `created` (so that this study goes on the same way whatever they do
/// later) and are configurations of `space`. A parameter that the earlier study did not search has the value its file gives; a trial without
/// one, or with one outside this space, is left out. Throws NotFoundError for an unknown study, UsageError where its first metric is another
/// one, or where none of its trials is left.
std::vector<search::EarlierStudy> earlier_studies(const store::Store& store, const Spec& spec,
                                                  const search::Space& space, double created);

}  // namespace vernier::experiments
