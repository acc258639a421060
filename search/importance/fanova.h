// Which parameters matter over the whole space, and which together.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/value.h"
#include "search/space.h"

namespace vernier::search {

struct PairShare {
  std::size_t first = 0, second = 0;  // parameters of the space
  double share = 0;
};

/// Shares of the variance of a forest's prediction over the space with uniform weight (Hutter, Hoos, Leyton-Brown, "An Efficient Approach for Assessing
/// Hyperparameter Importance", ICML 2014): of each parameter alone, and of each pair beyond its two parameters. What is left are interactions of
/// more. The space is that of coordinates on the parameters' scales. An inactive parameter counts as at its centre.
struct Fanova {
  std::vector<double> main;  // one a parameter
  std::vector<PairShare>
      pairs;  // largest first; all where there are at most 30 parameters, else those of the 8 most important
};
/// `values` one a configuration; those that are not finite are left out, as are configurations from outside the space. All shares are 0
/// for fewer than 8 trials or equal values.
Fanova fanova(const Space& space, std::span<const Config> configs, std::span<const double> values,
              std::uint64_t seed = 0);

/// PED-ANOVA (Watanabe, Bansal, Hutter, IJCAI 2023, equation 16): how far the distribution of each parameter among the best `share` of the trials differs
/// from that among all, by Pearson's divergence; normalised to a sum of 1. Says what decides between good and best, where fANOVA says
/// what decides between good and bad. All 0 for fewer than 8 trials.
std::vector<double> ped_anova(const Space& space, std::span<const Config> configs,
                              std::span<const double> values, double share = 0.1);

/// A parameter whose best trials press against an end of its range.
struct EdgeWarning {
  std::size_t parameter = 0;
  bool upper = false;
  Value best;  // the best trial's
};
/// Ranges and ordinals of at least 5 values, where the best trial and the median of the best tenth (at least 3 trials) lie within the outermost 5 % (for
/// few values: on the last).
std::vector<EdgeWarning> edge_warnings(const Space& space, std::span<const Config> configs,
                                       std::span<const double> values);

}  // namespace vernier::search
