// Spaces with few configurations: the acquisition is evaluated at every one that is left.
#pragma once
#include <optional>
#include <vector>

#include "search/gp/optimise.h"

namespace vernier::search::gp {

class FiniteSpace {
 public:
  FiniteSpace(const Space& space, const Embedding& embedding);
  /// No parameter is continuous.
  bool finite() const { return finite_; }
  /// At most 4,096 configurations (constraints not counted).
  bool small() const { return small_; }
  /// The best configuration that is not taken; nullopt: exhausted. Precondition: small().
  std::optional<Config> maximise(const SearchTask& task);

 private:
  const Space* space_;
  const Embedding* embedding_;
  bool finite_, small_;
  std::vector<Config> configs_;  // listed at the first call
  Matrix points_;
};

}  // namespace vernier::search::gp
