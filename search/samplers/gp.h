// Bayesian optimisation with a Gaussian process, the default sampler. Its parts are under search/gp.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// The initial design first; then the largest log expected improvement over a Matern 5/2 process fitted by maximum a posteriori. Up to four
/// objectives: one process each, and the largest log expected hypervolume improvement. The hyperparameters of each fit are
/// returned with the proposal they led to; a sampler made anew that is given them in the history makes the same proposals, bit for bit.
/// Where the model cannot be computed (a covariance that cannot be factorised even with jitter) and while fewer than two trials have
/// succeeded, it goes on with the initial design's Sobol points.
/// Options: initial (trials before the model; default max(5, d + 1)); acquisition (logei, ucb, thompson; default logei, the only one for
/// several objectives); fantasies (joint draws of what pending trials may come to, over which the improvement is averaged; default 0: their
/// posterior means); region (everywhere, or trust: numbers stay in a trust region, one objective; default everywhere).
std::unique_ptr<Sampler> make_gp(const SamplerContext& context);

}  // namespace vernier::search
