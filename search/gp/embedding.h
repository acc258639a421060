// Configurations as points of a Euclidean space, so that a kernel of distances stays positive definite over conditional spaces.
//
//   number (float, int, stepped, ordinal), always active   x                      1 coordinate, x in [0, 1]
//   number that a condition may switch off                 (x, 0), off (1/2, 1/2)  2 coordinates
//   choice of k, always active                             one-hot / sqrt 2        k coordinates (1 coordinate 0/1 where k = 2)
//   choice of k that may be off                            one-hot / sqrt 2, off the zero vector
//
// Squared distances d_i of parameter i: numbers (x - x')^2; one of two active (x - 1/2)^2 + 1/4; choices: mismatch 1; one of two
// active 1/2; neither active 0. (A distance that simply leaves out parameters that are not active in both is not Euclidean:
// kernel matrices get eigenvalues far below zero.) Ints and stepped floats sit at the centres of their cells, ordinals keep the
// spacing of their values. Constants have no coordinates.
#pragma once
#include <Eigen/Core>
#include <optional>
#include <span>
#include <vector>

#include "search/space.h"

namespace vernier::search::gp {

/// Which parameters of a configuration are active; one entry a parameter of the space.
using Mask = std::vector<char>;

/// A place in the unit cube, one coordinate a parameter (those that are not active keep one too), and what is active there.
struct Point {
  std::vector<double> unit;
  Mask active;
};

/// A parameter that has coordinates.
struct EmbeddedAxis {
  int parameter = 0;         // in the space
  int first = 0, count = 0;  // its coordinates
  bool choice = false;       // categorical or bool
  bool conditional = false;
  std::vector<double>
      levels;  // unit centres of its values in order; empty: continuous, or more than 64 steps
  std::vector<double> positions;  // x of each level (numbers)
};

/// Immutable; `space` must outlive it.
class Embedding {
 public:
  explicit Embedding(const Space& space);

  /// The axes; axis i has lengthscale i. As many as parameters that are not constant.
  const std::vector<EmbeddedAxis>& axes() const { return axes_; }
  int dimensions() const { return static_cast<int>(axes_.size()); }
  int coordinates() const { return coordinates_; }
  /// The axis each coordinate belongs to.
  const std::vector<int>& owner() const { return owner_; }

  /// nullopt where a value lies outside its parameter (a foreign or older trial).
  std::optional<Point> point(const Config& config) const;
  /// Writes coordinates() numbers. Numbers with levels are moved to the nearest level.
  void embed(const Point& point, std::span<double> out) const;
  Eigen::RowVectorXd embed(const Point& point) const;
  /// The nearest of an axis's levels; precondition: it has some.
  static int nearest_level(const EmbeddedAxis& axis, double unit);

 private:
  const Space* space_;
  std::vector<EmbeddedAxis> axes_;
  std::vector<int> owner_;
  int coordinates_ = 0;
};

}  // namespace vernier::search::gp
