#include "experiments/scheduler/torch_model.h"

#include "core/error.h"
#include "experiments/scheduler/kept_weights.h"

namespace vernier::experiments {

engine::TorchModel torch_model(const RunOptions& options, const std::string& study, int number,
                               const std::string& file, const Log& log) {
  const KeptWeights kept = kept_weights(options, study, number, "export");
  return engine::torch_model(kept.settings, kept.weights, options.data_dirs,
                             fmt::format("{}#{}", study, number), file, log);
}

}  // namespace vernier::experiments
