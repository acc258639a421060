// What may be tried: parameters with their ranges, conditions and constraints.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/expr/expr.h"
#include "core/value.h"
#include "search/axis.h"
#include "search/parameter.h"

namespace vernier::search {

/// Immutable. The constructor throws UsageError naming the parameter: empty range, log range through 0, step wider than the
/// range, duplicate names, unknown or later names in conditions and constraints, a constraint that nothing satisfies (decided
/// exactly up to 1e6 points, else by 1e5 Sobol draws).
class Space {
 public:
  explicit Space(std::vector<Parameter> parameters, std::vector<std::string> constraints = {});

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const Axis& axis(std::size_t parameter) const { return axes_[parameter]; }
  const std::vector<std::string>& constraints() const { return constraint_texts_; }
  std::size_t size() const { return parameters_.size(); }

  /// Number of different configurations without regard to constraints; nullopt where a float without step is among them
  /// (or above 1e15). Exact where the parameters that conditions name have at most 1e6 combinations, else as if nothing were
  /// conditional.
  std::optional<double> cardinality() const;

  /// A configuration from a point of the unit cube, one coordinate a parameter: ranges are scaled, stepped values take cells
  /// widened by half a step, choices equal (or weighted) shares; inactive parameters are dropped.
  Config from_unit(std::span<const double> unit) const;
  /// The same from uniform numbers, distributed as the parameters' priors say; equal to from_unit() where there are none.
  Config from_uniform(std::span<const double> uniform) const;
  /// The centres of the priors, else of the ranges.
  std::vector<double> centre() const;
  /// A configuration from one value a parameter (each from its axis); inactive ones are dropped. A condition that names an
  /// inactive parameter is not satisfied.
  Config select(std::span<const Value> values) const;
  /// The centre of each active value's cell; NaN where the parameter is inactive. Throws UsageError for values outside.
  std::vector<double> to_unit(const Config& config) const;
  /// Constraints hold (active parameters only are compared; a constraint that names an inactive one holds).
  bool satisfies(const Config& config) const;
  /// Throws UsageError with the parameter and its range where a value is unknown, missing, inactive or out of range.
  void check(const Config& config) const;
  /// The same configuration in the order and with the types of the space (1 -> 1.0 for a float), so that equal ones have equal
  /// keys; inactive parameters are dropped. Throws as check() otherwise.
  Config canonical(const Config& config) const;
  /// Calls `visit` for every configuration of a finite space until it returns false (constraints respected, order fixed). Throws
  /// UsageError for a float without step.
  void enumerate(const std::function<bool(const Config&)>& visit) const;

 private:
  bool active(std::size_t parameter, std::span<const Value> values) const;
  bool visit_from(std::size_t parameter, std::vector<Value>& values, bool constrained,
                  const std::function<bool(const Config&)>& visit) const;
  void count_from(std::size_t parameter, const std::vector<bool>& parents,
                  std::vector<Value>& values, double factor, double& total) const;
  Config collect(const Config& config, bool drop_inactive) const;
  bool holds(std::size_t constraint, const Config& config) const;
  void refuse_unsatisfiable() const;

  std::vector<Parameter> parameters_;
  std::vector<Axis> axes_;
  std::vector<std::vector<std::size_t>>
      condition_names_;  // indices of the parameters a condition names
  std::vector<std::string> constraint_texts_;
  std::vector<expr::Node> constraints_;
  std::vector<std::vector<std::string>> constraint_names_;
};

}  // namespace vernier::search
