#include "search/gp/optimise.h"

#include <algorithm>

#include "search/gp/candidates.h"
#include "search/gp/local_search.h"

namespace vernier::search::gp {

std::optional<Config> maximise(const SearchTask& task, const SearchSettings& settings) {
  std::vector<Candidate> far = sobol_candidates(task, settings.candidates);
  std::vector<Candidate> near = neighbour_candidates(task, settings.neighbours);
  const auto count = static_cast<std::size_t>(settings.starts);
  std::vector<Candidate> starts;
  choose_starts(task, near, near.empty() ? 0 : count / 2, starts);
  choose_starts(task, far, count - std::min(count, starts.size()), starts);
  climb(task, settings, starts);

  const auto better = [](const Candidate& a, const Candidate& b) { return a.value > b.value; };
  std::stable_sort(starts.begin(), starts.end(), better);
  for (const std::vector<Candidate>* list : {&starts, &near, &far})
    for (const Candidate& candidate : *list) {
      Config config = task.space->from_unit(candidate.point.unit);
      if (task.space->satisfies(config) && !task.taken(config)) return config;
    }
  return std::nullopt;
}

}  // namespace vernier::search::gp
