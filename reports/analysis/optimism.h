// How much luck chose: the best of many trials, measured on one validation set, is partly the luckiest.
#pragma once
#include <span>

namespace vernier::reports {

/// The expected luck of the winner, if trial i were measured again as values[i] + noise z_i with independent standard normal z:
///   noise E[z of the winner] = noise sum_i int z phi(z) prod_{j != i} Phi(z + (v_j - v_i) / noise) dz,   v minimised
/// (the parametric bootstrap of the selection bias; Efron, JASA 106, 2011). Equal values give noise times the expected maximum
/// of n draws; a winner far ahead gives 0. `minimised`: smaller is better, any order, finite. >= 0; 0 for fewer than 2 values or no noise.
double selection_optimism(std::span<const double> minimised, double noise);

}  // namespace vernier::reports
