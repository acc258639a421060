// Scrambled Sobol points: a space evenly covered.
#pragma once
#include <memory>
#include <vector>

#include "search/draws.h"
#include "search/sampler.h"
#include "search/sobol_sequence.h"

namespace vernier::search {

/// Draw j of trial k is point k - 1 of scrambled sequence j of the seed: trial k takes the first that satisfies the constraints and
/// has not been tried, so the trials are the points of one sequence as long as nothing is refused.
class SobolDraws {
 public:
  SobolDraws(const Space& space, std::uint64_t seed);
  std::optional<Config> propose(int number, const Seen& seen);

 private:
  const Space* space_;
  std::uint64_t seed_;
  std::vector<ScrambledSobol> sequences_;  // the first few, made when asked for
};

/// No options.
std::unique_ptr<Sampler> make_sobol(const SamplerContext& context);

}  // namespace vernier::search
