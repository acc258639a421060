#include "search/gp/doubt.h"

namespace vernier::search::gp {

Matrix doubt_lower(const Matrix& kernel, const Vector& doubt) {
  const Eigen::Index n = doubt.size();
  Matrix out = Matrix::Zero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    out.col(j).tail(n - j) = shared_doubts(kernel.col(j).tail(n - j), doubt.tail(n - j), doubt[j]);
    out(j, j) = doubt[j];
  }
  return out;
}

}  // namespace vernier::search::gp
