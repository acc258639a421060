// Functions with known minima, for tests and benchmarks of samplers.
#pragma once
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "search/parameter.h"

namespace vernier::search {

struct Problem {
  std::string name;
  std::vector<Parameter> parameters;           // x0, x1, ...; mixed: see its file
  std::function<double(const Config&)> value;  // minimised; no noise
  double minimum = 0;
  Config minimiser;  // one of them
};

/// Branin in 2 and Hartmann in 3 and 6 dimensions (Dixon and Szegoe, 1978; constants as in Picheny et al., 2013), Rosenbrock's valley in
/// 4, Ackley in 5, Levy in 4 (Surjanovic and Bingham, "Virtual Library of Simulation Experiments"), and `mixed`: two floats, an int, a
/// log int, a category and a conditional float, ours.
std::span<const Problem> problems();
/// Throws UsageError for unknown names, with the nearest.
const Problem& problem(const std::string& name);

}  // namespace vernier::search
