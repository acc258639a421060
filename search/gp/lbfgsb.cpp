#include "search/gp/lbfgsb.h"

#include <cmath>
#include <cstring>
#include <limits>

// The library ships no header. gfortran: everything by address, the lengths of the two texts last.
extern "C" void setulb_(const int* n, const int* m, double* x, const double* l, const double* u,
                        const int* nbd, double* f, double* g, const double* factr,
                        const double* pgtol, double* wa, int* iwa, char* task, const int* iprint,
                        char* csave, int* lsave, int* isave, double* dsave, std::size_t task_length,
                        std::size_t csave_length);

namespace vernier::search::gp {

Lbfgsb::Lbfgsb(const Eigen::VectorXd& start, const Eigen::VectorXd& lower,
               const Eigen::VectorXd& upper, const LbfgsbLimits& limits)
    : limits_(limits),
      n_(static_cast<int>(start.size())),
      x_(start.cwiseMax(lower).cwiseMin(upper)),
      lower_(lower),
      upper_(upper),
      gradient_(Eigen::VectorXd::Zero(start.size())),
      best_(x_),
      best_value_(std::numeric_limits<double>::infinity()) {
  if (n_ == 0) return;
  const int m = limits_.memory;
  bound_kinds_.assign(n_, 2);
  integer_work_.assign(3 * n_, 0);
  work_.assign((2 * m + 5) * n_ + 11 * m * m + 8 * m, 0.0);
  task_.fill(' ');
  character_state_.fill(' ');
  std::memcpy(task_.data(), "START", 5);
  advance();
}

void Lbfgsb::give(double value, const Eigen::VectorXd& gradient) {
  ++evaluations_;
  const bool finite = std::isfinite(value) && gradient.allFinite();
  if (finite && value < best_value_) {
    best_value_ = value;
    best_ = x_;
  }
  if (n_ == 0 || !finite || evaluations_ >= limits_.evaluations) {
    wants_value_ = false;
    return;
  }
  value_ = value;
  gradient_ = gradient;
  advance();
}

void Lbfgsb::advance() {
  const double epsilon = std::numeric_limits<double>::epsilon();
  const double factor = limits_.relative_decrease / epsilon;
  const int silent = -1;
  for (;;) {
    setulb_(&n_, &limits_.memory, x_.data(), lower_.data(), upper_.data(), bound_kinds_.data(),
            &value_, gradient_.data(), &factor, &limits_.gradient_tolerance, work_.data(),
            integer_work_.data(), task_.data(), &silent, character_state_.data(),
            logical_state_.data(), integer_state_.data(), double_state_.data(), task_.size(),
            character_state_.size());
    if (std::memcmp(task_.data(), "FG", 2) == 0) {
      // The line search may leave the box by a rounding error.
      x_ = x_.cwiseMax(lower_).cwiseMin(upper_);
      return;
    }
    if (std::memcmp(task_.data(), "NEW_X", 5) != 0) {
      wants_value_ = false;
      return;
    }
  }
}

}  // namespace vernier::search::gp
