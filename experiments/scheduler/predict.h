// `vernier predict`: a trial's kept weights used on examples.
#pragma once
#include <string>

#include "engine/predict.h"
#include "experiments/scheduler/run.h"

namespace vernier::experiments {

/// `what` as in engine::predict. Looking at the test part is counted as an event of the study, as by test_trial. Throws UsageError where the
/// weights were not kept or the study trains no network.
engine::Predictions predict_trial(const RunOptions& options, const std::string& study, int number,
                                  const std::string& what, const Log& log);

}  // namespace vernier::experiments
