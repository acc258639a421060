// The values of one parameter on the unit interval.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "search/parameter.h"

namespace vernier::search {

/// A range without step is mapped continuously along its scale. Everything else has cells: stepped values take theirs from half a
/// step below to half a step above (so the two edge values have full mass; on a log scale the lowest cell begins no lower than at
/// half the lowest value), choices take equal or weighted shares in order. Immutable.
class Axis {
 public:
  /// Throws UsageError naming the parameter for an empty or non-finite range, a scale that the range does not allow, a step that is
  /// not positive or wider than the range, missing, repeated or unordered choices, wrong weights.
  explicit Axis(const Parameter& parameter);

  /// Number of values; infinity for a float without step.
  double count() const { return count_; }
  bool continuous() const { return continuous_; }

  /// The value at a coordinate; anything outside [0, 1] is clamped, NaN is the centre.
  Value at(double unit) const;
  /// Value `index` of count(); precondition: not continuous.
  Value value(std::int64_t index) const;
  /// Its cell; nullopt for values outside and for continuous ranges. 3 and 3.0 are the same number.
  std::optional<std::int64_t> index(const Value& value) const;
  /// The ends of cell `index` on the unit interval; precondition: not continuous.
  std::pair<double, double> cell(std::int64_t index) const;
  /// The centre of the value's cell (a continuous range: its coordinate); nullopt for values outside.
  std::optional<double> unit(const Value& value) const;
  /// The same value with this parameter's own type, nullopt for values outside (a continuous range accepts 1e-9 of its width
  /// beyond its ends and clamps).
  std::optional<Value> canonical(const Value& value) const;
  /// The coordinate of the prior's centre; without one 1/2.
  double centre() const { return centre_; }
  /// The quantile of the prior: uniform numbers in, coordinates distributed as it says out, in the same order. The same number without one.
  double from_uniform(double u) const;
  /// The density of the prior at a coordinate; 1 without one. For choices: probability over width of the cell.
  double prior_density(double unit) const;
  /// What is accepted, for messages: "8 .. 512 (int, log)", "one of relu, tanh".
  std::string describe() const;

 private:
  double forward(double value) const;
  double inverse(double position) const;
  double grid_value(std::int64_t index) const;
  void set_prior(const Parameter& parameter);
  double boundary(std::int64_t index) const;  // unit coordinate of the lower end of cell `index`

  Kind kind_;
  Scale scale_;
  bool continuous_ = false;
  double low_ = 0, high_ = 1, step_ = 1;
  double first_ = 0, last_ = 1;  // ends of the unit interval on the scale's axis
  double count_ = 1;
  double centre_ = 0.5, deviation_ = 0;  // of the prior; deviation 0: none
  double peak_ = 0;                      // choices: extra probability of the centre
  std::vector<Value> choices_;
  std::vector<double> cumulative_;  // upper ends of the choices' shares
};

}  // namespace vernier::search
