// Points to look at before climbing, and which of them to climb from.
#pragma once
#include <vector>

#include "search/gp/optimise.h"

namespace vernier::search::gp {

struct Candidate {
  Point point;
  double value = 0;  // of the acquisition
};

/// Block `task.number` of the scrambled Sobol sequence, screened in single precision.
std::vector<Candidate> sobol_candidates(const SearchTask& task, int count);
/// The incumbents themselves, Gaussian steps around them, their single discrete changes.
std::vector<Candidate> neighbour_candidates(const SearchTask& task, int steps);

/// Up to `count` of them, best first, constraints satisfied, each at a kernel distance from those before and from `chosen`; appended.
void choose_starts(const SearchTask& task, std::vector<Candidate>& candidates, std::size_t count,
                   std::vector<Candidate>& chosen);

/// (points, coordinates).
Matrix embed_all(const Embedding& embedding, const std::vector<Candidate>& candidates);

}  // namespace vernier::search::gp
