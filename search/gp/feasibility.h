// What is known of limits on outcomes: a Gaussian process for the margin of each (<= 0 where it holds), over the same embedding as the objective's. An
// acquisition is multiplied by the probability that all hold (Gardner et al. 2014, "Bayesian Optimization with Inequality Constraints";
// logarithms are added).
#pragma once
#include <vector>

#include "search/gp/landscape.h"

namespace vernier::search::gp {

/// log Phi(z), and its derivative phi(z) / Phi(z). For every finite z; below -5 by erfcx, where Phi underflows.
struct LogCdf {
  double value, ratio;
};
LogCdf log_cdf(double z);

class Feasibility {
 public:
  /// `embedding` outlives it. Without limits it does nothing.
  Feasibility(const Embedding& embedding, std::uint64_t seed, int objectives, int limits);

  FitPlace place_of_objectives() const { return {0, limits_.empty() ? 0 : total_}; }
  /// A limit with fewer than two margins says nothing yet, nor does one whose covariance cannot be factorised.
  void update(const History& history);
  /// What is stored with a proposal: the objectives' fit, then those of the limits; empty where none was due.
  std::vector<double> fits_after(const std::vector<double>& objectives) const;
  /// `base` plus sum log Phi(-mean / deviation) over the limits. Refers to this object.
  Landscape within(Landscape base) const;

 private:
  struct Limit {
    Rows rows;
    Surrogate margin;
    bool known = false;
  };
  int length_, total_;  // numbers in the fits of the objectives, and in all
  std::vector<Limit> limits_;
};

}  // namespace vernier::search::gp
