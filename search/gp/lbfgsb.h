// Bound-constrained minimisation by L-BFGS-B 3.0 (Byrd, Lu, Nocedal, Zhu 1995; Morales, Nocedal 2011), one object per run.
// Reverse communication: the caller evaluates, so that many runs can be evaluated together.
//
//   Lbfgsb run(start, lower, upper, {});
//   while (run.wants_value()) run.give(f(run.point()), gradient(run.point()));
//   use run.best(), run.best_value()
#pragma once
#include <Eigen/Core>
#include <array>
#include <vector>

namespace vernier::search::gp {

struct LbfgsbLimits {
  int evaluations = 60;
  int memory = 10;
  double relative_decrease =
      1e-8;  // stops where (f_k - f_k+1) / max(|f_k|, |f_k+1|, 1) falls below
  double gradient_tolerance =
      1e-5;  // stops where the projected gradient's largest entry falls below
};

/// Not thread safe per object. Deterministic: the same values in give the same points out.
class Lbfgsb {
 public:
  /// `start` is moved into [lower, upper]; both bounds finite. Zero variables: one evaluation.
  Lbfgsb(const Eigen::VectorXd& start, const Eigen::VectorXd& lower, const Eigen::VectorXd& upper,
         const LbfgsbLimits& limits);

  bool wants_value() const { return wants_value_; }
  /// Where the function is wanted.
  const Eigen::VectorXd& point() const { return x_; }
  /// A value or gradient that is not finite ends the run.
  void give(double value, const Eigen::VectorXd& gradient);

  /// The least value given so far and where; +inf before the first.
  double best_value() const { return best_value_; }
  const Eigen::VectorXd& best() const { return best_; }

 private:
  void advance();

  LbfgsbLimits limits_;
  int n_, evaluations_ = 0;
  bool wants_value_ = true;
  Eigen::VectorXd x_, lower_, upper_, gradient_, best_;
  double value_ = 0, best_value_;
  // The Fortran routine's own state.
  std::vector<int> bound_kinds_, integer_work_;
  std::vector<double> work_;
  std::array<char, 60> task_{}, character_state_{};
  std::array<int, 4> logical_state_{};
  std::array<int, 44> integer_state_{};
  std::array<double, 29> double_state_{};
};

}  // namespace vernier::search::gp
