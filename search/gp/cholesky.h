// A growing Cholesky factor, A = L L^T.
//   New rows:  L21 L11^T = A21,  L22 L22^T = A22 - L21 L21^T   (Golub and Van Loan, section 4.2: O(n^2) for one row)
#pragma once
#include <Eigen/Core>

#include "search/gp/kernel.h"

namespace vernier::search::gp {

class Cholesky {
 public:
  /// Factorises the lower triangle of `a` (n, n). Where it fails, 1e-8, 1e-7, ... 1e-1 times the mean diagonal is added until
  /// it does not; the jitter then belongs to this factor and to every row added. False where even that fails (NaN).
  bool compute(const Matrix& a);
  /// Adds one row and column: `cross` (n) = A between the old rows and the new one, `diagonal` = A of the new one. A pivot that
  /// rounding made too small is floored at 1e-12 of the diagonal.
  void append(const Vector& cross, double diagonal);

  Eigen::Index size() const { return size_; }
  double jitter() const { return jitter_; }
  /// (n, n), what is above the diagonal is unspecified.
  auto lower() const { return storage_.topLeftCorner(size_, size_); }
  /// x with L x = b, in place; b has n rows.
  template <class Derived>
  void solve_lower(Eigen::MatrixBase<Derived>& b) const {
    lower().template triangularView<Eigen::Lower>().solveInPlace(b);
  }
  /// x with L^T x = b, in place.
  template <class Derived>
  void solve_upper(Eigen::MatrixBase<Derived>& b) const {
    lower().template triangularView<Eigen::Lower>().adjoint().solveInPlace(b);
  }
  /// x with A x = b, in place.
  template <class Derived>
  void solve(Eigen::MatrixBase<Derived>& b) const {
    solve_lower(b);
    solve_upper(b);
  }

 private:
  void reserve(Eigen::Index rows);
  Matrix storage_;
  Eigen::Index size_ = 0;
  double jitter_ = 0;
};

/// A^-1 in full from its factor L, (n, n): recursive inversion of L, then L^-T L^-1.
Matrix inverse_from_factor(const Eigen::Ref<const Matrix>& lower);

}  // namespace vernier::search::gp
