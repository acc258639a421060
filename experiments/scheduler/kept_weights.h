// The weights that a finished trial left, with the settings they belong to.
#pragma once
#include <string>

#include "engine/engine.h"
#include "experiments/scheduler/run.h"

namespace vernier::experiments {

struct KeptWeights {
  engine::TrialSettings settings;
  engine::Checkpoint weights;
};

/// `command` begins the error. Throws UsageError where the weights were not kept or the study trains no network.
KeptWeights kept_weights(const RunOptions& options, const std::string& study, int number,
                         const std::string& command);

}  // namespace vernier::experiments
