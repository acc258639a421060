#include "search/gp/acquisition.h"

#include <cmath>
#include <vector>

#include "search/gp/log_ei.h"

namespace vernier::search::gp {

Score log_expected_improvement(const Matrix& mean, const Vector& variance, const Vector& best) {
  const Eigen::Index m = mean.rows(), draws = mean.cols();
  Score out{Vector(m), Matrix(m, draws), Vector::Zero(m)};
  std::vector<LogEi> ei(static_cast<std::size_t>(draws));
  for (Eigen::Index i = 0; i < m; ++i) {
    const double deviation = std::sqrt(variance[i]);
    double most = -HUGE_VAL, sum = 0;
    for (Eigen::Index s = 0; s < draws; ++s) {
      ei[static_cast<std::size_t>(s)] = log_ei(mean(i, s), deviation, best[s]);
      most = std::max(most, ei[static_cast<std::size_t>(s)].value);
    }
    for (const LogEi& e : ei) sum += std::exp(e.value - most);
    out.value[i] = most + std::log(sum / static_cast<double>(draws));
    for (Eigen::Index s = 0; s < draws; ++s) {
      const LogEi& e = ei[static_cast<std::size_t>(s)];
      const double share = std::exp(e.value - most) / sum;
      out.by_mean(i, s) = share * e.by_mean;
      out.by_variance[i] += share * e.by_deviation / (2 * deviation);
    }
  }
  return out;
}

Score confidence_bound(const Matrix& mean, const Vector& variance, double deviations) {
  const Eigen::Index m = mean.rows(), draws = mean.cols();
  const Vector deviation = variance.cwiseSqrt();
  return {deviations * deviation - mean.rowwise().mean(),
          Matrix::Constant(m, draws, -1.0 / static_cast<double>(draws)),
          (deviations / 2 / deviation.array()).matrix()};
}

}  // namespace vernier::search::gp
