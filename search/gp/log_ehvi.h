// Logarithm of the expected hypervolume improvement of independent normal objectives, exact (Yang, Emmerich, Deutz, Baeck 2019,
// "Efficient computation of expected hypervolume improvement using box decomposition algorithms"; logarithm after Ament et al. 2023):
//   EHVI = sum_b prod_k E[(u_bk - max(l_bk, y_k))+] = sum_b prod_k sigma_k (h((u_bk - mu_k)/sigma_k) - h((l_bk - mu_k)/sigma_k))
// over the boxes b = (l, u) that the front leaves undominated; h as in log_ei.h, h(-inf) = 0.
#pragma once
#include <span>
#include <vector>

#include "search/gp/acquisition.h"
#include "search/gp/boxes.h"

namespace vernier::search::gp {

/// One entry an objective: `means` (points, draws), `variances` (points); one entry of `boxes` a draw. The improvement is averaged over the
/// draws. One score an objective: all have the same value, each its own derivatives.
std::vector<Score> log_expected_hypervolume_improvement(std::span<const Matrix> means,
                                                        std::span<const Vector> variances,
                                                        std::span<const Boxes> boxes);

}  // namespace vernier::search::gp
