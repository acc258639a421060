// A box around the best trial that grows while the search improves and shrinks while it does not (TuRBO-1,
// Eriksson et al. 2019, arXiv 1910.01739, section 2). A function of the history alone.
#pragma once
#include <vector>

#include "search/gp/embedding.h"

namespace vernier::search::gp {

/// Side of the box in the unit cube, before it is stretched by the lengthscales: 0.8 at first, doubled (up to 1.6) after 3 improvements in a row,
/// halved after max(4, dimensions) results without; below 2^-7 it starts again at 0.8. `values`: results in order of trial, failures as
/// +infinity. An improvement is 0.1 % of the magnitude or more.
double region_side(const std::vector<double>& values, int dimensions);

/// Of each axis, in unit coordinates.
struct Region {
  Point centre;
  std::vector<double> lower, upper;
};

/// Sides in proportion to the lengthscales, of geometric mean `side`.
Region make_region(const Embedding& embedding, const Point& centre,
                   const std::vector<double>& lengthscales, double side);

}  // namespace vernier::search::gp
