// Models of something else than the objectives, over the same embedding: the margins of limits, what a trial costs. Their fits are stored behind the
// objectives' in one proposal.
#pragma once
#include <vector>

#include "search/gp/rows.h"
#include "search/gp/surrogate.h"

namespace vernier::search::gp {

class Asides {
 public:
  /// `embedding` outlives it.
  Asides(const Embedding& embedding, std::uint64_t seed, int objectives, int count);

  FitPlace place_of_objectives() const { return {0, models_.empty() ? 0 : total_}; }
  /// Fewer than two results say nothing yet, nor does a covariance that cannot be factorised.
  void update(std::size_t which, const History& history, const Results& results);
  /// nullptr: it says nothing yet.
  const Model* model(std::size_t which) const;
  /// What is stored with a proposal: the objectives' fit, then the others; empty where none was due.
  std::vector<double> fits_after(const std::vector<double>& objectives) const;

 private:
  struct Aside {
    Rows rows;
    Surrogate surrogate;
    bool known = false;
  };
  int length_, each_, total_;  // numbers in the fits of the objectives, in one aside's, and in all
  std::vector<Aside> models_;
};

}  // namespace vernier::search::gp
