// One parameter of a space, as written down.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/expr/expr.h"
#include "core/value.h"

namespace vernier::search {

enum class Kind { float_, int_, categorical, ordinal, bool_, constant };

/// The axis on which a range is uniform: v, ln v (low > 0), -ln(1 - v) (high < 1: momentum and other decays) or
/// ln(v / (1 - v)) (0 < low, high < 1). The last two are for floats.
enum class Scale { linear, log, reverse_log, logit };

/// Where a person expects the best value, and how surely. Random draws come from 3/4 of a normal around `centre` with a deviation of
/// 0.25, 0.12 or 0.05 of the range (on its scale) and 1/4 of the usual uniform; for choices the centre has 1/4, 1/2 or 3/4 of the probability on
/// top of its share of the rest.
enum class Confidence { low, medium, high };
struct Prior {
  Value centre;
  Confidence confidence = Confidence::medium;
};

struct Parameter {
  std::string name;
  Kind kind = Kind::float_;
  Scale scale = Scale::linear;
  double low = 0, high = 1;  // float_, int_: inclusive
  std::optional<double>
      step;  // float_, int_: values low, low + step, ... <= high; int_ defaults to 1
  std::vector<Value> choices;   // categorical (any), ordinal (increasing numbers), constant (one)
  std::vector<double> weights;  // categorical: probabilities for random sampling; empty: equal
  std::optional<expr::Node>
      condition;  // active only where it holds; may name any parameter before it, nested
  std::optional<Prior> prior;
};

/// An int or a finite float, no boolean.
bool real_number(const Value& value);
/// Throw UsageError naming the parameter where its range and step, or its choices and weights, make no sense.
void check_range(const Parameter& p);
void check_choices(const Parameter& p);

}  // namespace vernier::search
