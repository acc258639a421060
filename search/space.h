// What may be tried: parameters with their ranges, conditions and constraints.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/expr/expr.h"
#include "core/value.h"

namespace vernier::search {

enum class Kind { float_, int_, categorical, ordinal, bool_, constant };
enum class Scale { linear, log, reverse_log, logit };

struct Parameter {
  std::string name;
  Kind kind = Kind::float_;
  Scale scale = Scale::linear;
  double low = 0, high = 1;             // float_, int_: inclusive
  std::optional<double> step;           // float_, int_: values low, low + step, ... <= high; int_ defaults to 1
  std::vector<Value> choices;           // categorical (any), ordinal (increasing numbers), constant (one)
  std::vector<double> weights;          // categorical: probabilities for random sampling; empty: equal
  std::optional<expr::Node> condition;  // active only where it holds; may name any parameter before it, nested
};

/// Immutable. The constructor throws UsageError naming the parameter: empty range, log range through 0, step wider than the
/// range, duplicate names, unknown or later names in conditions and constraints, a constraint that nothing satisfies (decided
/// exactly up to 1e6 points, else by 1e5 Sobol draws).
class Space {
 public:
  explicit Space(std::vector<Parameter> parameters, std::vector<std::string> constraints = {});

  const std::vector<Parameter>& parameters() const { return parameters_; }
  const std::vector<std::string>& constraints() const { return constraint_texts_; }
  std::size_t size() const { return parameters_.size(); }

  /// Number of different configurations without regard to constraints; nullopt where a float without step is among them
  /// (or above 1e15).
  std::optional<double> cardinality() const;

  /// A configuration from a point of the unit cube, one coordinate a parameter: ranges are scaled, stepped values take cells
  /// widened by half a step, choices equal (or weighted) shares; inactive parameters are dropped.
  Config from_unit(std::span<const double> unit) const;
  /// The centre of each active value's cell; NaN where the parameter is inactive. Throws UsageError for values outside.
  std::vector<double> to_unit(const Config& config) const;
  /// Constraints hold (active parameters only are compared; a constraint that names an inactive one holds).
  bool satisfies(const Config& config) const;
  /// Throws UsageError with the parameter and its range where a value is unknown, missing, inactive or out of range.
  void check(const Config& config) const;
  /// Calls `visit` for every configuration of a finite space until it returns false (constraints respected, order fixed).
  void enumerate(const std::function<bool(const Config&)>& visit) const;

 private:
  std::vector<Parameter> parameters_;
  std::vector<std::string> constraint_texts_;
  std::vector<expr::Node> constraints_;
};

}  // namespace vernier::search
