// Independent random draws from the space.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// Trial k takes the first of its draws from the stream (seed, k) that satisfies the constraints and equals no configuration of the
/// trials before it: independent of results, order of completion and parallelism. No options.
std::unique_ptr<Sampler> make_random(const SamplerContext& context);

}  // namespace vernier::search
