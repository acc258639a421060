// The sampler for those who do not want to choose one.
#pragma once
#include <memory>

#include "search/sampler.h"

namespace vernier::search {

/// The first that holds:
/// - several objectives: gp for at most 4 of them and 1 .. 500 planned trials, else nsga2
/// - all configurations can be counted, and are no more than the planned trials: grid
/// - more than 2,000 trials planned: cmaes where all parameters are unconditional ranges or ordinals, else tpe
/// - else gp
/// No options: those of the chosen one are given to it by its name.
std::unique_ptr<Sampler> make_auto(const SamplerContext& context);
std::string automatic_choice(const SamplerContext& context);

}  // namespace vernier::search
