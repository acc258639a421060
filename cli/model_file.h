// `export --to safetensors` and `best --export`.
#pragma once
#include <filesystem>
#include <string>

#include "cli/command.h"
#include "experiments/scheduler/run.h"

namespace vernier::cli {

/// Writes a trial's kept weights to `to` and the Python that loads them beside it (model.safetensors: model.py), which it prints too.
/// Throws UsageError where one of them is there (unless `force`), the weights were not kept, or torch.nn.Sequential cannot say the network.
int write_model(const Invocation& invocation, const experiments::RunOptions& options,
                const std::string& study, int number, const std::filesystem::path& to, bool force);

}  // namespace vernier::cli
