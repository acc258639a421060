// A genetic algorithm for several objectives.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, IEEE TEC 6(2), 2002), one trial at a time. The first `population` trials are the centre and scrambled Sobol
/// points, enqueued and foreign ones included. When so many of a generation have ended, the next begins: its parents are the best of it and of its own
/// parents, by front and crowding distance. A child is made by simulated binary crossover (probability 0.9, index 15) of two parents, each the better
/// of two drawn, and polynomial mutation (probability 1/d, index 20); categories are taken from either parent, or drawn anew. Trials without result are
/// nobody's parents. A child that is known already or violates a constraint is made again; after many in vain a Sobol point is proposed.
/// Works for one objective too. Each proposal stores its generation. Options: population (a twentieth of the planned trials, 10 .. 100; 50 where they
/// are unknown).
std::unique_ptr<Sampler> make_nsga2(const SamplerContext& context);

}  // namespace vernier::search
