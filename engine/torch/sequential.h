// A network as a torch.nn.Sequential: its modules as Python, and its weights under their names, in PyTorch's layouts.
#pragma once
#include <string>
#include <vector>

#include "engine/cohort/checkpoint.h"
#include "engine/ir/architecture.h"
#include "engine/torch/safetensors.h"

namespace vernier::engine {

struct Sequential {
  std::vector<std::string> modules;  // "torch.nn.Linear(64, 128)"
  std::vector<NamedTensor> tensors;  // "0.weight", "0.bias", ...
  /// "torch.nn.Sequential(...)", a module a line.
  std::string text() const;
};

/// Images are (n, channels, height, width) there, (height, width, channels) here: convolutions are transposed, and what is connected to a flattened image has
/// its inputs in the other order. `weights`: of Cohort::save_best. Throws UsageError "[export] layer 'NAME' ..." for what no Sequential says (sums, branches).
Sequential to_sequential(const Architecture& net, const CheckpointReader& weights);

}  // namespace vernier::engine
