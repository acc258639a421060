// The first trials of a model-based sampler.
#pragma once
#include <optional>

#include "search/sampler.h"
#include "search/samplers/sobol.h"

namespace vernier::search {

/// The centre of the space (or of the priors), then scrambled Sobol points, `size` in all (default max(5, d + 1)). Trials of any other origin (enqueued, foreign) count.
class InitialDesign {
 public:
  InitialDesign(const Space& space, std::uint64_t seed, int size = 0);

  int size() const { return size_; }
  /// As many trials are known as the design has.
  bool over(const History& history) const {
    return static_cast<int>(history.trials.size()) >= size_;
  }
  /// The next point, also past the end of the design (further Sobol points); nullopt: the space is exhausted.
  std::optional<Config> propose(const History& history);

 private:
  const Space* space_;
  int size_;
  Config centre_;
  SobolDraws draws_;
  Seen seen_;
};

}  // namespace vernier::search
