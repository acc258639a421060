#include "search/gp/acquisition.h"

#include <cmath>

#include "search/gp/log_ei.h"

namespace vernier::search::gp {

Acquisition log_expected_improvement(const Prediction& prediction, double best) {
  const Eigen::Index m = prediction.mean.size();
  Acquisition out{Vector(m),
                  Matrix(prediction.mean_gradient.rows(), prediction.mean_gradient.cols())};
  for (Eigen::Index i = 0; i < m; ++i) {
    const double deviation = std::sqrt(prediction.variance[i]);
    const LogEi ei = log_ei(prediction.mean[i], deviation, best);
    out.value[i] = ei.value;
    if (out.gradient.rows() == m)
      out.gradient.row(i) = ei.by_mean * prediction.mean_gradient.row(i) +
                            ei.by_deviation / (2 * deviation) * prediction.variance_gradient.row(i);
  }
  return out;
}

Vector log_expected_improvement(const Eigen::VectorXf& mean, const Eigen::VectorXf& variance,
                                double best) {
  Vector out(mean.size());
  for (Eigen::Index i = 0; i < mean.size(); ++i)
    out[i] = log_ei(mean[i], std::sqrt(static_cast<double>(variance[i])), best).value;
  return out;
}

}  // namespace vernier::search::gp
