// Limits on what a configuration is (`require: ["parameters <= 1000000"]`), known before it runs, and on what it achieves
// (`require: ["val_loss <= 0.5"]`), known when it ends.
#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/expr/expr.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

/// What a configuration is, before it runs.
inline const std::vector<std::string> fact_names{"parameters", "flops", "bytes"};

/// What limits may name: parameters, flops, bytes and every metric of the engine. Empty for a program, which reports what it likes.
std::vector<std::string> requirable(const Spec& spec);

class Requirements {
 public:
  enum class Of {
    facts,     // limits that name parameters, flops and bytes alone
    outcomes,  // all others
    all
  };
  Requirements(const Spec& spec, Of which);

  bool empty() const { return limits_.empty(); }
  /// The first that does not hold, with the values it names: "require val_loss <= 0.5: val_loss 0.71". One that names what is missing does not hold.
  std::optional<std::string> broken(
      const std::vector<std::pair<std::string, double>>& values) const;
  /// How far each is from being met, in the units of its two sides: `a <= b` and `a < b` a - b, the others likewise; `and` the largest, `or` the smallest, `not`
  /// the negative; what compares nothing -1 or 1. At most 0 where it holds; NaN where it names what is missing.
  std::vector<double> margins(const std::vector<std::pair<std::string, double>>& values) const;
  std::size_t size() const { return limits_.size(); }

 private:
  struct Limit {
    std::string text;
    expr::Node node;
  };
  std::vector<Limit> limits_;
};

}  // namespace vernier::experiments
