// Covariance matrix adaptation.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// CMA-ES (Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv 1604.00772) on the unit cube of the ranges and ordinals, with
/// - margin for whatever has cells (Hamano et al., "CMA-ES with Margin", GECCO 2022): no value's neighbours ever become too improbable;
/// - a distribution over the values of each category, learned from the same ranking (as the population based incremental learning of Baluja);
/// - restarts at a random point with twice the population when it has converged;
/// - a warm start: it begins at the best trial of its initial design, enqueued and foreign ones included.
/// Inactive parameters keep their latent values. Failed and infeasible trials rank last; stopped ones by the value they have. A generation is complete when
/// so many of its trials are known as it has; with many pending the current generation is drawn from further.
/// Each proposal stores its generation, the trials that the generation before was ranked by, and its latent point: a sampler made anew goes
/// the same way. Before `initial` (10) trials: the centre, then scrambled Sobol points.
/// Options: initial, sigma (0.12: the first deviation, of the unit interval), population (6 where fewer than 400 trials are planned, else
/// 4 + 3 ln d). The defaults are measured: over the suite full100 they beat 0.1, 0.2 and 0.3, and the usual population at 50 and 100 trials.
std::unique_ptr<Sampler> make_cmaes(const SamplerContext& context);

}  // namespace vernier::search
