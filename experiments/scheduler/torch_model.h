// `best --export`: a trial's kept weights for PyTorch.
#pragma once
#include <string>

#include "engine/torch/model.h"
#include "experiments/scheduler/run.h"

namespace vernier::experiments {

/// `file`: what the Python calls the weights' file. Throws UsageError where the weights were not kept, the study trains no network, or
/// torch.nn.Sequential cannot say it.
engine::TorchModel torch_model(const RunOptions& options, const std::string& study, int number,
                               const std::string& file, const Log& log);

}  // namespace vernier::experiments
