// The point of largest acquisition over a mixed, conditional, constrained space.
//   1. screen 2,048 scrambled Sobol points, and the incumbents' neighbours (Gaussian steps of several sizes, single discrete
//      changes)
//   2. about ten starts: best first, each at a distance from those before; half of them from the neighbours
//   3. alternate L-BFGS-B on the continuous part (variables x / l; all starts evaluated together) with an exhaustive search of one
//      discrete axis at a time (a line search of steps 1, 2, 4, ... where it has more than 64 values)
// A discrete parent that changes takes its dependents along: a point keeps a coordinate for parameters that are not active.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "search/gp/activity.h"
#include "search/gp/embedding.h"
#include "search/gp/landscape.h"
#include "search/gp/trust_region.h"
#include "search/sobol_sequence.h"

namespace vernier::search::gp {

struct SearchSettings {
  int candidates = 2048;
  int starts = 10;
  int neighbours = 24;   // Gaussian steps from each incumbent
  int evaluations = 40;  // of L-BFGS-B for each start
  int rounds = 3;        // of the alternation
};

struct SearchTask {
  const Space* space = nullptr;
  const Embedding* embedding = nullptr;
  Activity* activity = nullptr;
  const ScrambledSobol* sobol = nullptr;  // over the space's parameters
  std::uint64_t seed = 0;
  std::uint32_t number = 0;  // of the proposal: its block of Sobol points and its random stream
  std::vector<double> lengthscales;  // one an axis
  std::vector<Point> incumbents;     // best first
  std::optional<Region> region;      // numbers stay inside
  bool jumps = false;                // candidates with one number anywhere in its range
  Landscape landscape;
  std::function<bool(const Config&)> taken;  // already tried or pending
  bool finite = false;  // no continuous parameter: taken points are walked around
};

/// Satisfies the constraints and is not taken. nullopt where no such point was met (the caller draws at random then).
std::optional<Config> maximise(const SearchTask& task, const SearchSettings& settings);

}  // namespace vernier::search::gp
