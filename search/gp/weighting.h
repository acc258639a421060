// What else an acquisition counts: the probability that limits hold, and what a trial costs. Logarithms are added.
#pragma once
#include <vector>

#include "search/gp/landscape.h"

namespace vernier::search::gp {

/// log Phi(z), and its derivative phi(z) / Phi(z). For every finite z; below -5 by erfcx, where Phi underflows.
struct LogCdf {
  double value, ratio;
};
LogCdf log_cdf(double z);

/// `base` plus sum log Phi(-mean / deviation) over the margins of limits (<= 0 where one holds): an improvement times the probability that it counts
/// (Gardner et al. 2014, "Bayesian Optimization with Inequality Constraints"). The models outlive it.
Landscape times_feasible(Landscape base, std::vector<const Model*> margins);

/// `base` less the expected log cost: improvement per unit of it (Snoek et al. 2012, section 3.1). `scale`: of the model's values.
Landscape per_cost(Landscape base, const Model* log_cost, double scale);

}  // namespace vernier::search::gp
