// A space that nobody declared: parameters appear as trials ask for them.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/value.h"
#include "search/space.h"

namespace vernier::experiments {

class GrowingSpace {
 public:
  GrowingSpace() = default;
  /// Conditions are left out: they are found again.
  explicit GrowingSpace(std::vector<search::Parameter> known);

  bool empty() const { return parameters_.empty(); }
  /// In the order of their first appearance, without conditions.
  const std::vector<search::Parameter>& parameters() const { return parameters_; }

  /// Takes in what a trial asks for: new, or wider than before. True: something changed. Throws UsageError where the name means something else by now:
  /// another type, scale or step.
  bool merge(const search::Parameter& asked);

  /// The parameters with the conditions that explain who asked for what. `asked`: what each finished trial asked for. A parameter that some trials
  /// lack is active where
  ///   - another before it is, that is missing in the same trials and has a condition: the same one;
  ///   - else one before it (choices, bools, whole numbers) has, in the trials that have this one, values that it has in no other: those values, or
  ///     up to or from a bound;
  /// the nearest before it first. Explained by no single one: a choice (or a bool) and, in the trials that have it, one of the above. Else: always active.
  std::vector<search::Parameter> with_conditions(const std::vector<const Config*>& asked) const;

 private:
  std::vector<search::Parameter> parameters_;
};

/// A value in [0, 1) for a parameter that the sampler did not choose: a function of its arguments.
double independent_unit(std::uint64_t seed, int trial, const std::string& parameter);

/// A configuration of `space` from what a trial asked for. What is missing, or outside, gets its independent value; what is inactive is left out.
Config completed(const search::Space& space, const Config& asked, std::uint64_t seed, int trial);

}  // namespace vernier::experiments
