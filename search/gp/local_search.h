// Climbs the acquisition from several starts at once, see optimise.h.
#pragma once
#include <vector>

#include "search/gp/candidates.h"

namespace vernier::search::gp {

/// Moves each candidate to a local maximum, in place. Constraints stay satisfied where they were; axes with many steps end at the
/// centre of a cell.
void climb(const SearchTask& task, const SearchSettings& settings, std::vector<Candidate>& starts);

}  // namespace vernier::search::gp
