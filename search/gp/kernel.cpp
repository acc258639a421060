#include "search/gp/kernel.h"

namespace vernier::search::gp {

void matern52(const Eigen::Ref<const Eigen::ArrayXd>& d, Eigen::Ref<Eigen::ArrayXd> value,
              Eigen::Ref<Eigen::ArrayXd> derivative) {
  value = (d * 5.0).sqrt();            // r
  derivative = (-value).exp();         // exp(-r)
  value = (value + 1.0) * derivative;  // (1 + r) exp(-r)
  derivative = value + d * (5.0 / 3.0) * derivative;
  value.swap(derivative);
  derivative *= -5.0 / 6.0;
}

void kernel_lower(const Matrix& z, Matrix& value, Matrix& derivative) {
  const Eigen::Index n = z.rows();
  value.resize(n, n);
  derivative.resize(n, n);
  Eigen::ArrayXd d(n);
  for (Eigen::Index j = 0; j < n; ++j) {
    auto distances = d.head(n - j);
    distances.setZero();
    for (Eigen::Index c = 0; c < z.cols(); ++c)
      distances += (z.col(c).tail(n - j).array() - z(j, c)).square();
    matern52(distances, value.col(j).tail(n - j).array(), derivative.col(j).tail(n - j).array());
  }
}

}  // namespace vernier::search::gp
