// The command line's say: `--set train.epochs=5` and kin, put into the study as if the file said so.
#pragma once
#include "experiments/study/spec.h"
#include "experiments/study/yaml.h"

namespace vernier::experiments {

/// Throws UsageError naming the option. A dotted name in `parameters` is matched against the parameters there are.
void apply(const Overrides& overrides, Document& document);

}  // namespace vernier::experiments
