// A trained network for PyTorch: its weights as safetensors, and the Python that loads them and prepares inputs.
#pragma once
#include <filesystem>
#include <span>
#include <string>

#include "core/log.h"
#include "engine/engine.h"

namespace vernier::engine {

struct TorchModel {
  std::string sequential;   // "torch.nn.Sequential(\n ...)\n"
  std::string python;       // a module: model, classes, prepare(), load()
  std::string safetensors;  // the file
};

/// `title` and `file`: what the Python calls the trial and the weights' file. Throws UsageError as to_sequential() does, and for folds.
TorchModel torch_model(const TrialSettings& settings, const Checkpoint& weights,
                       std::span<const std::filesystem::path> dirs, const std::string& title,
                       const std::string& file, const Log& log);

}  // namespace vernier::engine
