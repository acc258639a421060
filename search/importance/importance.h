// How much each parameter explains of a study's values.
#pragma once
#include <span>
#include <string>
#include <vector>

#include "core/value.h"

namespace vernier::search {

struct Importance {
  std::string name;
  double share = 0;  // 0 .. 1; all shares add up to 1, or are all 0 where nothing explains anything
  int sign = 0;  // +1: values rise with the parameter; -1: they fall; 0: a category, or no relation
};

/// The share of each parameter's explained variance of ranks: Spearman's squared correlation for numbers, the correlation ratio
/// corrected for the number of categories (epsilon squared, Kelley, PNAS 21(9), 1935) for texts and booleans. A parameter that some
/// configurations lack is judged on those that have it, times their part of all. Linear in effect: interactions are not seen.
/// `values` are one a configuration; those that are not finite are left out. Largest share first, then by name.
std::vector<Importance> importance(std::span<const Config> configs, std::span<const double> values);

}  // namespace vernier::search
