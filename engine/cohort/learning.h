// Which of a lane's numbers learn: all but those of frozen layers.
#pragma once
#include <cstddef>
#include <utility>
#include <vector>

#include "engine/cohort/recipe.h"
#include "engine/plan/plan.h"

namespace vernier::engine {

/// [begin, end) in floats of the parameter region; each begin on a multiple of 16. Some may be empty.
std::vector<std::pair<std::size_t, std::size_t>> learning_ranges(const Recipe& recipe,
                                                                 const Plan& plan);
/// Of each of learning_layers(): [begin, end) of its tensors' gradients in the gradient region.
std::vector<std::vector<std::pair<std::size_t, std::size_t>>> layer_ranges(const Recipe& recipe,
                                                                           const Plan& plan);
/// Likewise of the statistics that training leaves as they are.
std::vector<std::pair<std::size_t, std::size_t>> frozen_statistics(const Recipe& recipe,
                                                                   const Plan& plan);

}  // namespace vernier::engine
