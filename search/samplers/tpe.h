// The tree-structured Parzen estimator.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// Of `candidates` (24) draws from the density of the good trials, the one that is least probable under that of the others (Bergstra et al.,
/// NIPS 2011; Watanabe, arXiv 2304.11127): the largest log l(x) - log g(x). Densities are joint over the parameters that have been active in the
/// same trials (groups), so conditional spaces fall into parts, each with its own trials; a part is drawn after those its conditions name.
/// Priors of the space weigh in with their density to the power of initial / n. Pending trials count as bad ones. Before `initial` (10) trials are known: the centre, then scrambled Sobol points.
/// A draw that violates a constraint or is known already is made again; after many in vain a random configuration is proposed.
/// Options: initial, candidates.
std::unique_ptr<Sampler> make_tpe(const SamplerContext& context);

}  // namespace vernier::search
