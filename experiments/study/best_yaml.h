// A study file that trains one configuration again: the sections with its settings put in, and no parameters.
#pragma once
#include <string>

#include "core/value.h"
#include "experiments/study/spec.h"

namespace vernier::experiments {

/// `number`: of the trial, for the study's name (NAME-N) and note. load_spec reads it back.
std::string best_yaml(const Spec& spec, const Config& config, int number);

}  // namespace vernier::experiments
